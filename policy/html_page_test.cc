#include "policy/html_page.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::policy {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(HtmlPage, EscapesEveryText) {
  EXPECT_EQ(HtmlEscape("<b> & \"c\" 'd'"),
            "&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
  EXPECT_EQ(HtmlEscape("a\x1B[2J\xE2\x80\xAE"),
            "a&lt;U+001B&gt;[2J&lt;U+202E&gt;");
  const std::string hostile = "</title><script>alert(1)</script>";
  HtmlPage page(hostile);
  page.Heading(hostile);
  page.Subheading(hostile);
  page.Paragraph(hostile);
  page.List({hostile});
  page.Facts({{hostile, hostile}});
  page.Table(hostile, {hostile}, {{hostile, hostile}});
  EXPECT_THAT(std::move(page).Finish(), Not(HasSubstr("<script")));
}

TEST(HtmlPage, FetchesNothingAndForbidsIt) {
  const std::string html = HtmlPage("t").Finish();
  EXPECT_THAT(html, HasSubstr("Content-Security-Policy"));
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  for (const char* word : {"http:", "https:", "src=", "href=", "url(",
                           "@import", "<script", "<link"}) {
    EXPECT_THAT(html, Not(HasSubstr(word)));
  }
}

TEST(HtmlPage, CanBeReadAloudAndPrinted) {
  HtmlPage page("t");
  page.Table("What", {"A", "B"}, {{"x", "y"}});
  const std::string html = std::move(page).Finish();
  for (const char* part :
       {"<html lang=\"en-GB\">", "<caption>What</caption>",
        "<th scope=\"col\">A</th>", "<th scope=\"row\">x</th><td>y</td>",
        "<main>", "@media print", "size: A4"}) {
    EXPECT_THAT(html, HasSubstr(part));
  }
}

TEST(HtmlPage, WhatIsEmptyIsLeftOut) {
  HtmlPage page("t");
  const std::string before = HtmlPage("t").Finish();
  page.List({});
  page.Facts({{"a", ""}});
  page.Table("c", {"A"}, {});
  EXPECT_EQ(std::move(page).Finish(), before);
}

}  // namespace
}  // namespace entente::policy
