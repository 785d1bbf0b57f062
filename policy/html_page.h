// A page of HTML that holds nothing but text.
#ifndef ENTENTE_POLICY_HTML_PAGE_H_
#define ENTENTE_POLICY_HTML_PAGE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace entente::policy {

// `text` for an element or a quoted attribute: made printable (see
// policy/printable.h), with & < > " and ' as references.
std::string HtmlEscape(absl::string_view text);

// One self-contained document: no script, no link, nothing fetched, and a
// policy that forbids it. Readable by a screen reader, and printed on A4
// without loss. Every text given to it is escaped.
class HtmlPage {
 public:
  using Row = std::vector<std::string>;

  // `title` is the document's and its first heading.
  explicit HtmlPage(absl::string_view title);

  // A section's heading, and one below it.
  void Heading(absl::string_view text);
  void Subheading(absl::string_view text);
  void Paragraph(absl::string_view text);
  // Nothing at all for an empty list.
  void List(const std::vector<std::string>& items);
  // A definition list: name and what it says. Lines without text are left out.
  void Facts(const std::vector<std::pair<std::string, std::string>>& facts);
  // A table whose first column heads its rows. Nothing at all without a row.
  void Table(absl::string_view caption, const Row& columns,
             const std::vector<Row>& rows);

  // The whole document.
  std::string Finish() &&;

 private:
  void Element(absl::string_view tag, absl::string_view text);

  std::string html_;
};

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_HTML_PAGE_H_
