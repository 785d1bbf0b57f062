#include "policy/text_page.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "policy/printable.h"
#include "policy/text.h"

namespace entente::policy {
namespace {

constexpr size_t kColumns = 80;

}  // namespace

void TextPage::Heading(absl::string_view text) {
  const std::string shown = Printable(text);
  absl::StrAppend(&text_, "\n", shown, "\n",
                  std::string(CountCharacters(shown), '-'), "\n");
}

void TextPage::Line(size_t level, absl::string_view text) {
  Wrap(2 * level, "", text);
}

void TextPage::Item(size_t level, absl::string_view text) {
  Wrap(2 * level, "- ", text);
}

void TextPage::Wrap(size_t indent, absl::string_view first,
                    absl::string_view text) {
  const std::string shown = Printable(text);
  const std::string margin(indent + first.size(), ' ');
  absl::StrAppend(&text_, std::string(indent, ' '), first);
  size_t column = margin.size();
  bool fresh = true;
  for (const absl::string_view word : absl::StrSplit(shown, ' ')) {
    const size_t width = CountCharacters(word);
    if (!fresh && column + 1 + width > kColumns) {
      absl::StrAppend(&text_, "\n", margin);
      column = margin.size();
      fresh = true;
    }
    absl::StrAppend(&text_, fresh ? "" : " ", word);
    column += width + (fresh ? 0 : 1);
    fresh = false;
  }
  text_ += "\n";
}

}  // namespace entente::policy
