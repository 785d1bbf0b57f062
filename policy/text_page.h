// A page of plain text, wrapped for a terminal.
#ifndef ENTENTE_POLICY_TEXT_PAGE_H_
#define ENTENTE_POLICY_TEXT_PAGE_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace entente::policy {

// Every text given to it is made printable, so nothing in a document can move
// the cursor or forge a heading.
class TextPage {
 public:
  // An empty line, then `text` in a line of its own, with a rule under it.
  void Heading(absl::string_view text);
  // `text`, wrapped at 80 columns, indented by two columns for each level.
  void Line(size_t level, absl::string_view text);
  // The same with `- ` before its first line.
  void Item(size_t level, absl::string_view text);

  const std::string& text() const { return text_; }

 private:
  void Wrap(size_t indent, absl::string_view first, absl::string_view text);

  std::string text_;
};

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_TEXT_PAGE_H_
