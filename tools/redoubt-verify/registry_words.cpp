// SPDX-License-Identifier: BSD-3-Clause
// The theorems about words, the same for every parameter set.
#include "machine/domain/concrete.hpp"
#include "machine/domain/symbolic.hpp"
#include "tools/redoubt-verify/registry.hpp"
#include "tools/redoubt-verify/theorems/words.hpp"

namespace redoubt::verify {

void add_word_theorems(std::vector<Theorem>& all) {
  using S = WordTheorems<Symbolic>;
  using C = WordTheorems<Concrete>;
  all.push_back({"any",
                 "words",
                 "fields",
                 "every bit field of a 64-bit register or descriptor reads as it was written, and leaves the "
                 "other bits alone",
                 {"a value too wide for some fields"},
                 {},
                 false,
                 S::fields,
                 C::fields});
  all.push_back({"any",
                 "words",
                 "clear_page_loop",
                 "a page cleared word by word is a cleared range, by induction over the loop",
                 {"inside the page", "outside the page"},
                 {},
                 false,
                 S::clear_page_loop,
                 C::clear_page_loop});
  all.push_back({"any",
                 "words",
                 "fetch_pages_loop",
                 "pages that get their contents one by one are as those that get them at once, by induction "
                 "over the loop (fetch_from_doracle)",
                 {"inside", "outside"},
                 {},
                 false,
                 S::fetch_pages_loop,
                 C::fetch_pages_loop});
}

}  // namespace redoubt::verify
