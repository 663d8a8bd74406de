// SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only
// The smallest module: shows that scripts/build-module works for each kernel.
#include <linux/init.h>
#include <linux/module.h>

static int __init hello_init(void) { return 0; }

static void __exit hello_exit(void) {}

module_init(hello_init);
module_exit(hello_exit);
MODULE_DESCRIPTION("Empty module that checks the module build");
MODULE_LICENSE("Dual BSD/GPL");
