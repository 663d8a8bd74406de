#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The lint checks find what they should, and nothing in good code."""

import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "lint"))
import functions
import sources


def body(lines):
    return "".join(f"  x += {i};\n" for i in range(lines))


class FunctionLength(unittest.TestCase):
    def long_ones(self, text, limit=40):
        return [name for _, _, name in functions.too_long(text, limit)]

    def test_free_function_at_and_above_the_limit(self):
        self.assertEqual(self.long_ones("int f() {\n" + body(38) + "}\n"), [])
        self.assertEqual(self.long_ones("int f() {\n" + body(39) + "}\n"), ["f"])

    def test_reason_above_lets_it_pass(self):
        self.assertEqual(self.long_ones("// long: one table, one row a case\nint f() {\n" + body(60) + "}\n"), [])
        self.assertEqual(self.long_ones("// long:\nint f() {\n" + body(60) + "}\n"), ["f"])

    def test_template_member_with_trailing_return_and_requires(self):
        text = "namespace a {\ntemplate <class T, int N = (2 > 1)>\nclass C : public B<T> {\n public:\n" \
               "  template <class U>\n    requires(N > 0)\n  auto g(U u) const noexcept -> int {\n" + body(50) + "  }\n};\n}\n"
        self.assertEqual(len(self.long_ones(text)), 1)

    def test_constructor_with_brace_initialisers(self):
        self.assertEqual(self.long_ones("C::C(int a) : a_{a}, b_(2) {\n" + body(50) + "}\n"), ["C::C"])

    def test_operator(self):
        self.assertEqual(len(self.long_ones("bool operator==(A a, B b) {\n" + body(50) + "}\n")), 1)

    def test_tables_classes_and_comments_are_no_functions(self):
        rows = "".join('  {"(", 1},  // {\n' for _ in range(60))
        self.assertEqual(self.long_ones("constexpr Row table[] = {\n" + rows + "};\n"), [])
        self.assertEqual(self.long_ones("constexpr auto t = std::to_array<Row>({\n" + rows + "});\n"), [])
        self.assertEqual(self.long_ones("struct S {\n" + "  int f(int);\n" * 60 + "};\n"), [])
        self.assertEqual(self.long_ones("/* int f() {\n" + body(60) + "} */\n"), [])
        self.assertEqual(self.long_ones('auto s = R"x(int f() {\n' + body(60) + '})x";\n'), [])

    def test_function_after_macro_and_digit_separator(self):
        text = "#define A(x) {\nconstexpr int k = 1'000'000;\nTEST(A, B) {\n" + body(50) + "}\n"
        self.assertEqual(self.long_ones(text), ["TEST"])


class Text(unittest.TestCase):
    def messages(self, check, name, text):
        return [message for _, message in check(name, text)]

    def test_licence(self):
        self.assertEqual(self.messages(sources.check_licence, "a.cpp", "// SPDX-License-Identifier: BSD-3-Clause\n"), [])
        self.assertEqual(len(self.messages(sources.check_licence, "a.cpp", "int a;\n")), 1)

    def test_address(self):
        text = "see https" + "://example.org\n"
        self.assertEqual(len(self.messages(sources.check_text, "core/a.hpp", text)), 1)
        self.assertEqual(self.messages(sources.check_text, "docs/a.md", text), [])

    def test_machine_path_and_unfinished_work(self):
        self.assertEqual(len(self.messages(sources.check_text, "a", "cd /ho" + "me/someone\n")), 1)
        self.assertEqual(len(self.messages(sources.check_text, "a", "// TO" + "DO later\n")), 1)
        self.assertEqual(self.messages(sources.check_text, "a", "root/home/x, $x/home/y\n"), [])

    def test_file_length(self):
        self.assertEqual(self.messages(sources.check_sizes, "a.py", "x\n" * 400), [])
        self.assertEqual(len(self.messages(sources.check_sizes, "a.py", "x\n" * 401)), 1)


if __name__ == "__main__":
    unittest.main()
