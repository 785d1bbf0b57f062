#include "policy/html_page.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "policy/printable.h"

namespace entente::policy {
namespace {

constexpr absl::string_view kHead = R"(<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
body { font: 1rem/1.5 sans-serif; color: #111; background: #fff; margin: 0 auto; max-width: 60rem; padding: 1rem; }
h1, h2, h3 { line-height: 1.2; }
h2 { border-top: 2px solid #111; margin-top: 2.5rem; padding-top: 0.5rem; }
dl { display: grid; grid-template-columns: minmax(10rem, 1fr) 3fr; gap: 0.25rem 1rem; }
dt { font-weight: bold; }
dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
caption { text-align: left; font-weight: bold; padding-bottom: 0.25rem; }
th, td { border: 1px solid #555; padding: 0.25rem 0.5rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
@media print {
  @page { size: A4; margin: 18mm; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2, h3, caption { break-after: avoid; }
  tr, dd { break-inside: avoid; }
  thead { display: table-header-group; }
}
</style>
)";

}  // namespace

std::string HtmlEscape(absl::string_view text) {
  return absl::StrReplaceAll(Printable(text), {{"&", "&amp;"},
                                               {"<", "&lt;"},
                                               {">", "&gt;"},
                                               {"\"", "&quot;"},
                                               {"'", "&#39;"}});
}

HtmlPage::HtmlPage(absl::string_view title) : html_(kHead) {
  const std::string safe = HtmlEscape(title);
  absl::StrAppend(&html_, "<title>", safe,
                  "</title>\n</head>\n<body>\n<main>\n", "<h1>", safe,
                  "</h1>\n");
}

void HtmlPage::Element(absl::string_view tag, absl::string_view text) {
  absl::StrAppend(&html_, "<", tag, ">", HtmlEscape(text), "</", tag, ">\n");
}

void HtmlPage::Heading(absl::string_view text) { Element("h2", text); }

void HtmlPage::Subheading(absl::string_view text) { Element("h3", text); }

void HtmlPage::Paragraph(absl::string_view text) { Element("p", text); }

void HtmlPage::List(const std::vector<std::string>& items) {
  if (items.empty()) return;
  html_ += "<ul>\n";
  for (const std::string& item : items) Element("li", item);
  html_ += "</ul>\n";
}

void HtmlPage::Facts(
    const std::vector<std::pair<std::string, std::string>>& facts) {
  std::string lines;
  for (const auto& [name, text] : facts) {
    if (text.empty()) continue;
    absl::StrAppend(&lines, "<dt>", HtmlEscape(name), "</dt>\n<dd>",
                    HtmlEscape(text), "</dd>\n");
  }
  if (!lines.empty()) absl::StrAppend(&html_, "<dl>\n", lines, "</dl>\n");
}

void HtmlPage::Table(absl::string_view caption, const Row& columns,
                     const std::vector<Row>& rows) {
  if (rows.empty()) return;
  absl::StrAppend(&html_, "<table>\n<caption>", HtmlEscape(caption),
                  "</caption>\n<thead>\n<tr>");
  for (const std::string& column : columns) {
    absl::StrAppend(&html_, "<th scope=\"col\">", HtmlEscape(column), "</th>");
  }
  html_ += "</tr>\n</thead>\n<tbody>\n";
  for (const Row& row : rows) {
    html_ += "<tr>";
    for (size_t i = 0; i < row.size(); ++i) {
      const absl::string_view tag = i == 0 ? "th" : "td";
      absl::StrAppend(&html_, "<", tag, i == 0 ? " scope=\"row\">" : ">",
                      HtmlEscape(row[i]), "</", tag, ">");
    }
    html_ += "</tr>\n";
  }
  html_ += "</tbody>\n</table>\n";
}

std::string HtmlPage::Finish() && {
  html_ += "</main>\n</body>\n</html>\n";
  return std::move(html_);
}

}  // namespace entente::policy
