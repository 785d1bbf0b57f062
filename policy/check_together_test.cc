// However many mistakes a document has, each is reported at once.
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "policy/check.h"
#include "policy/for_all.h"
#include "policy/test_decision.h"
#include "policy/test_document.h"

namespace entente::policy {
namespace {

using nlohmann::json;
using testing::IsSubsetOf;

// What is wrong, with its path; without places, which other mistakes move.
std::vector<std::string> Errors(const json& document) {
  std::vector<std::string> errors;
  for (const Diagnostic& one : Check("f", document.dump(1)).diagnostics) {
    if (one.severity != Diagnostic::Severity::kError) continue;
    errors.push_back(absl::StrCat(one.path, ": ", one.message));
  }
  return errors;
}

json Hub() {
  return json::parse(
      Check("", ReadTemplate("safeguarding-hub.yaml")).canonical);
}

// One mistake, in one item of a document.
struct Mistake {
  std::string item;  // no two of one item are made at once
  std::function<void(json*)> make;
};

// Mistakes that the reader finds.
std::vector<Mistake> Misread(const json& hub) {
  std::vector<Mistake> all = {
      {"handling", [](json* d) { (*d)["handling"]["marking"] = "SECRET"; }},
      {"governance", [](json* d) { (*d)["governance"]["suspend"] = "nobody"; }},
      {"governance", [](json* d) { (*d)["governance"]["dpai"] = "x"; }},
      {"onward", [](json* d) { (*d)["onward"]["exeptions"] = {"Some"}; }},
      {"lists.risk-grades",
       [](json* d) { (*d)["lists"]["risk-grades"] = {"a;b"}; }},
      {"valid", [](json* d) { (*d)["valid"]["review_by"] = "2027-09-31"; }}};
  for (size_t i = 0; i < hub["flows"].size(); ++i) {
    const std::string item = absl::StrCat("flows[", i, "]");
    all.push_back(
        {item, [i](json* d) { (*d)["flows"][i]["recipiants"] = {"x"}; }});
    all.push_back({item, [i](json* d) {
                     (*d)["flows"][i]["limits"]["requests_per_day"] = "many";
                   }});
    all.push_back(
        {item, [i](json* d) { (*d)["flows"][i]["to"].push_back("nowhere"); }});
    all.push_back(
        {item, [i](json* d) { (*d)["flows"][i]["retention"].erase("days"); }});
    all.push_back({item, [i](json* d) {
                     json& release = (*d)["flows"][i]["release"];
                     release.begin().value() = "as_iz";
                   }});
  }
  for (const auto& [id, dataset] : hub["datasets"].items()) {
    all.push_back({absl::StrCat("datasets.", id),
                   [id = id](json* d) { (*d)["datasets"][id]["title"] = ""; }});
    all.push_back({absl::StrCat("datasets.", id), [id = id](json* d) {
                     (*d)["datasets"][id]["fields"]["spare"] = "txt";
                   }});
  }
  for (size_t i = 0; i < hub["lawful_basis"].size(); ++i) {
    all.push_back({absl::StrCat("lawful_basis[", i, "]"),
                   [i](json* d) { (*d)["lawful_basis"][i].erase("gateway"); }});
  }
  for (size_t i = 0; i < hub["signatories"].size(); ++i) {
    all.push_back({absl::StrCat("signatories[", i, "]"), [i](json* d) {
                     (*d)["signatories"][i]["name"] = "No Name";
                   }});
  }
  for (const auto& [id, party] : hub["parties"].items()) {
    all.push_back({absl::StrCat("parties.", id), [id = id](json* d) {
                     (*d)["parties"][id]["contact"] = "";
                   }});
  }
  return all;
}

// Mistakes that only a comparison finds.
std::vector<Mistake> Mismatched(const json& hub) {
  std::vector<Mistake> all = {
      {"purposes",
       [](json* d) {
         (*d)["purposes"]["spare"] = {{"text", "Never"}, {"regime", "general"}};
       }},
      {"version", [](json* d) { (*d)["version"] = 2; }},
      {"valid", [](json* d) { (*d)["valid"]["until"] = "2026-01-01"; }},
      {"governance",
       [](json* d) { (*d)["governance"]["dpia"]["date"] = "2027-01-01"; }},
      {"overseers", [](json* d) {
         (*d)["overseers"]["northmere-oversight"]["root"] =
             std::string(64, '1');
       }}};
  for (size_t i = 0; i < hub["flows"].size(); ++i) {
    const std::string item = absl::StrCat("flows[", i, "]");
    all.push_back({item, [i](json* d) {
                     (*d)["flows"][i]["retention"]["starts"] = "project_end";
                   }});
    all.push_back(
        {item, [i](json* d) { (*d)["flows"][i]["require"] = json::array(); }});
    if (hub["flows"][i]["methods"][0] == "query") {
      all.push_back(
          {item, [i](json* d) { (*d)["flows"][i]["proof"] = "none"; }});
    }
    all.push_back({item, [i](json* d) {
                     json& flow = (*d)["flows"][i];
                     flow["to"] = flow["from"] = {flow["from"][0]};
                   }});
    all.push_back({item, [i](json* d) {
                     json& release = (*d)["flows"][i]["release"];
                     for (auto& [name, how] : release.items()) {
                       if (how == "as_is") how = "round_time";
                       if (how == "round_time") {
                         how = {{"transform", "grid"}, {"metres", 100}};
                         return;
                       }
                     }
                   }});
  }
  for (size_t i = 0; i < hub["lawful_basis"].size(); ++i) {
    if (hub["lawful_basis"][i]["purposes"].size() < 2) continue;
    all.push_back({absl::StrCat("lawful_basis[", i, "]"), [i](json* d) {
                     (*d)["lawful_basis"][i]["purposes"].erase(0);
                   }});
  }
  return all;
}

TEST(CheckTogether, AMistakeInOneFlowHidesNoneOfAnother) {
  json document = Hub();
  document["flows"][0]["recipiants"] = {"x"};
  document["lawful_basis"][2]["parties"].erase(1);  // northmere-council
  document["flows"][4]["require"] = json::array();
  EXPECT_THAT(Errors(document),
              testing::UnorderedElementsAre(
                  "flows[0]: unknown key \"recipiants\"",
                  "flows[4].require: nothing ties a request to a case or a "
                  "reason, in a hub",
                  "flows[7]: no lawful basis for northmere-council and "
                  "exploitation"));
}

TEST(CheckTogether, WhatMayBeTheMisspeltKeyIsNotSaidToBeMissing) {
  json document = Hub();
  document["flows"][0]["retention"]["starts"] = "project_end";
  document["valid"]["projekt_end"] = "2027-10-01";
  EXPECT_THAT(Errors(document),
              testing::ElementsAre("valid: unknown key \"projekt_end\""));
  document = Hub();
  document["version"] = 2;
  document["prevous"] = std::string(64, 'a');
  EXPECT_THAT(Errors(document),
              testing::ElementsAre(": unknown key \"prevous\""));
}

// A mistake that the reader finds hides none in another item, whoever finds it:
// each is reported as it would be alone.
TEST(CheckTogether, AnyTwoMistakesAreBothReported) {
  const json hub = Hub();
  ASSERT_TRUE(Errors(hub).empty());
  const std::vector<Mistake> misread = Misread(hub);
  std::vector<Mistake> all = Mismatched(hub);
  all.insert(all.end(), misread.begin(), misread.end());
  for (const Mistake& one : all) {
    json document = hub;
    one.make(&document);
    EXPECT_FALSE(Errors(document).empty()) << one.item;
  }
  int pairs = 0;
  ForAll(kRounds / 10, [&](Dice* dice) {
    const Mistake& first = dice->Pick(misread);
    const Mistake& second = dice->Pick(all);
    if (first.item == second.item) return;
    ++pairs;
    json one = hub, other = hub, both = hub;
    first.make(&one);
    second.make(&other);
    first.make(&both);
    second.make(&both);
    EXPECT_THAT(Errors(one), IsSubsetOf(Errors(both)))
        << first.item << " and " << second.item;
    EXPECT_THAT(Errors(other), IsSubsetOf(Errors(both)))
        << first.item << " and " << second.item;
  });
  EXPECT_GT(pairs, kRounds / 20);
}

}  // namespace
}  // namespace entente::policy
