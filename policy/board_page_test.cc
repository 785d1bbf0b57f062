#include "policy/board_page.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/check.h"
#include "policy/reader.h"
#include "policy/test_document.h"
#include "policy/yaml.h"

namespace entente::policy {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<CheckResult> CheckedDocuments() {
  std::vector<CheckResult> all = {Check("small", SmallDocument())};
  for (const absl::string_view name : kTemplates) {
    all.push_back(Check(name, ReadTemplate(name)));
  }
  return all;
}

TEST(BoardPage, HasTheHeadingsOfTheCodeInTheirOrder) {
  for (const CheckResult& checked : CheckedDocuments()) {
    const std::string html = BoardPage(*checked.agreement, checked.digest);
    size_t at = 0;
    for (const char* heading :
         {"purpose of the data sharing", "organisations will be involved",
          "along with another controller", "What data are we going to share",
          "lawful basis", "special category data", "individual rights",
          "information governance", "further details", "Who signs",
          "Annex: keys"}) {
      const size_t found = html.find(absl::StrCat(heading), at);
      ASSERT_NE(found, std::string::npos) << heading;
      at = found;
    }
    EXPECT_THAT(html, HasSubstr(checked.digest));
  }
}

TEST(BoardPage, KeysStandInTheAnnexAndNowhereElse) {
  const CheckResult second = Check(
      "second",
      SmallWith("version: 1\n", absl::StrCat("version: 2\nprevious: \"",
                                             std::string(64, 'a'), "\"\n")));
  ASSERT_TRUE(second.ok()) << second.report;
  const std::string html = BoardPage(*second.agreement, second.digest);
  const size_t annex = html.find("<h2>Annex: keys");
  ASSERT_NE(annex, std::string::npos);
  for (const std::string& key :
       {std::string(64, '1'), std::string(64, '2'), std::string(64, '3'),
        std::string(64, 'a'),
        std::string("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=")}) {
    EXPECT_GT(html.find(key), annex) << key;
    EXPECT_NE(html.find(key), std::string::npos) << key;
  }
}

// Each tag that opens is closed, in its order.
void ExpectBalanced(const std::string& html) {
  static const std::set<std::string> kVoid = {"meta", "!DOCTYPE"};
  std::vector<std::string> open;
  for (size_t at = html.find('<'); at != std::string::npos;
       at = html.find('<', at + 1)) {
    const size_t end = html.find_first_of(" >", at);
    const std::string tag = html.substr(at + 1, end - at - 1);
    if (kVoid.count(tag) > 0) continue;
    if (tag[0] != '/') {
      open.push_back(tag);
      continue;
    }
    ASSERT_FALSE(open.empty());
    EXPECT_EQ(tag.substr(1), open.back());
    open.pop_back();
  }
  EXPECT_TRUE(open.empty());
}

TEST(BoardPage, IsWellFormed) {
  for (const CheckResult& checked : CheckedDocuments()) {
    ExpectBalanced(BoardPage(*checked.agreement, checked.digest));
  }
}

TEST(BoardPage, SaysWhereItStands) {
  const CheckResult small = Check("small", SmallDocument());
  EXPECT_THAT(BoardPage(*small.agreement, small.digest),
              Not(HasSubstr("Where it stands")));
  const std::string html = BoardPage(*small.agreement, small.digest,
                                     {"Signed by <all>.", "Active."});
  EXPECT_THAT(html, HasSubstr("<h2>Where it stands</h2>\n<ul>\n"
                              "<li>Signed by &lt;all&gt;.</li>\n"
                              "<li>Active.</li>\n</ul>"));
}

void CollectScalars(Node* part, std::vector<Node*>* scalars) {
  if (part->kind == Node::Kind::kScalar) scalars->push_back(part);
  for (Node& item : part->items) CollectScalars(&item, scalars);
  for (Entry& entry : part->entries) CollectScalars(&entry.value, scalars);
}

// A document as a tree whose scalars can be changed, and read again without
// the cross-checks.
class Editable {
 public:
  explicit Editable(const CheckResult& checked) {
    std::vector<Diagnostic> diagnostics;
    root_ = *ReadYaml(checked.canonical, &diagnostics);
    CollectScalars(&root_, &scalars_);
  }

  const std::vector<Node*>& scalars() const { return scalars_; }
  std::optional<Agreement> Read() const {
    Node copy = root_;
    Reporter reporter(copy);
    Agreement agreement = ReadAgreement(&copy, &reporter);
    if (!reporter.Take().empty()) return std::nullopt;
    return agreement;
  }

 private:
  Node root_;
  std::vector<Node*> scalars_;
};

// Every line of text of a document is on the page, and can be no markup there.
TEST(BoardPage, MentionsEveryTextAndMakesNoneMarkup) {
  for (const CheckResult& checked : CheckedDocuments()) {
    Editable document(checked);
    int texts = 0;
    for (Node* scalar : document.scalars()) {
      const std::string before = scalar->text;
      scalar->text = absl::StrCat("<script>", texts, "</script>&amp;'\"");
      if (document.Read().has_value()) {
        ++texts;
      } else {
        scalar->text = before;
      }
    }
    EXPECT_GE(texts, 20);
    const std::string html = BoardPage(*document.Read(), checked.digest);
    ExpectBalanced(html);
    EXPECT_THAT(html, Not(HasSubstr("<script")));
    for (int i = 0; i < texts; ++i) {
      EXPECT_TRUE(absl::StrContains(
          html, absl::StrCat("&lt;script&gt;", i,
                             "&lt;/script&gt;&amp;amp;&#39;&quot;")))
          << i;
    }
  }
}

// Days and numbers, too: another one is another page.
TEST(BoardPage, ShowsEveryNumberAndDay) {
  for (const CheckResult& checked : CheckedDocuments()) {
    Editable document(checked);
    const std::string page = BoardPage(*checked.agreement, "");
    for (Node* scalar : document.scalars()) {
      const std::string before = scalar->text;
      int64_t number = 0;
      if (absl::SimpleAtoi(before, &number)) {
        scalar->text = absl::StrCat(number + 1);
      } else if (before.size() == 10 && absl::StartsWith(before, "202")) {
        scalar->text = "2031-02-03";
      } else {
        continue;
      }
      const std::optional<Agreement> agreement = document.Read();
      if (agreement.has_value()) {
        EXPECT_NE(BoardPage(*agreement, ""), page)
            << before << " at " << scalar->line << ":" << scalar->column;
      }
      scalar->text = before;
    }
  }
}

}  // namespace
}  // namespace entente::policy
