// An agreement as a page for the board that signs it.
#ifndef ENTENTE_POLICY_BOARD_PAGE_H_
#define ENTENTE_POLICY_BOARD_PAGE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "policy/agreement.h"
#include "policy/html_page.h"

namespace entente::policy {

// One self-contained, printable page of HTML under the headings of the ICO's
// data sharing code, with every clause of `agreement`; `digest` is that of its
// canonical form, in hexadecimal. `standing` says who signed it and whether it
// is in force, a sentence each; empty: the page says nothing of that. Where the
// document says nothing under a heading, the page says so. All text is escaped,
// and nothing in it can become markup.
std::string BoardPage(const Agreement& agreement, absl::string_view digest,
                      const std::vector<std::string>& standing = {});

// The parts about data and flows, for BoardPage.
void AddBoardData(const Agreement& agreement, HtmlPage* page);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_BOARD_PAGE_H_
