// The steps of a life.
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "crypto/hex.h"
#include "tests/end_to_end/wire.h"
#include "tests/lifecycle/life.h"

namespace entente::lifecycle {

using testing::AllOf;
using testing::HasSubstr;

void Life::ComeIntoForce(const std::string& file) {
  const json proposed = Agreement(Siro(parties_[0]), {"propose", file});
  digest_ = first_digest_ = proposed.value("digest", "");
  EXPECT_EQ(State(), "proposed") << "who proposes has signed nothing";
  for (size_t i = 0; i + 1 < parties_.size(); ++i) {
    const json signed_one = Sign(parties_[i], 1, digest_);
    EXPECT_EQ(signed_one.value("state", ""), "proposed");
    EXPECT_EQ(signed_one.at("missing").size(), parties_.size() - 1 - i);
    EXPECT_EQ(Refusal(), "NOT_IN_FORCE");
  }
  EXPECT_EQ(Sign(parties_.back(), 1, digest_).value("state", ""), "active");
}

void Life::BeSuspended(const std::string& by, const std::string& other) {
  SendSample();  // and waits
  EXPECT_EQ(Agreement(Siro(by), {"suspend", id_, "--reason", "Odd queries"})
                .value("state", ""),
            "suspended");
  EXPECT_EQ(Refusal(), "SUSPENDED");
  EXPECT_EQ(
      CodeOf(Run(System(sample_.to),
                 {"receive", "--agreement", id_, "--out", world_.Path("never")},
                 kRefused)),
      "SUSPENDED");
  const json status = Run(System(sample_.to), {"status"});
  ASSERT_EQ(status.at("agreements").size(), 1u);
  EXPECT_EQ(status["agreements"][0].value("held_batches", 0), 1) << "kept";
  EXPECT_EQ(status["agreements"][0].at("suspended_by"), json::array({by}));
  EXPECT_EQ(
      CodeOf(Agreement(Siro(other), {"resume", id_, "--reason", "We need it"},
                       kRefused)),
      "NOTHING_TO_RESUME");
  EXPECT_EQ(
      Agreement(Siro(by), {"resume", id_, "--reason", "They are explained"})
          .value("state", ""),
      "active");
  EXPECT_EQ(Receive(sample_.to).size(), 1u) << "what was kept";

  Agreement(Siro(sample_.from),
            {"suspend", id_, "--sending", "--reason", "Our export is wrong"});
  EXPECT_EQ(Refusal(), "SUSPENDED_BY_SENDER");
  EXPECT_EQ(State(), "active");
  Agreement(Siro(sample_.from),
            {"resume", id_, "--sending", "--reason", "It is mended"});
  SendSample();
  EXPECT_EQ(Receive(sample_.to).size(), 1u);
}

void Life::BeAmended(const Changes& changes, const std::string& sentence) {
  const uint32_t next = version_ + 1;
  const auto yaml = world_.EntenteText(
      Siro(parties_[0]), {"agreement", "show", id_, "--as", "yaml"});
  ASSERT_TRUE(yaml.ok()) << yaml.status();
  std::string text = Changed(*yaml, changes);
  const std::string line = absl::StrCat("version: ", version_, "\n");
  const std::string later = absl::StrCat("version: ", next, "\n");
  if (version_ == 1) {
    text = Changed(
        text, {{line, absl::StrCat("previous: \"", digest_, "\"\n", later)}});
  } else {
    const size_t previous = text.find("previous: ");
    ASSERT_NE(previous, std::string::npos) << text;
    text.replace(previous, text.find('\n', previous) - previous,
                 absl::StrCat("previous: \"", digest_, "\""));
    text = Changed(text, {{line, later}});
  }
  const std::string file = Write("next.yaml", text);
  const json diff = Agreement(Siro(parties_[0]), {"diff", id_, file}, kFailed);
  ASSERT_EQ(diff.value("same", true), false) << diff;
  EXPECT_THAT(absl::StrReplaceAll(diff.at("agreements")[0].value("text", ""),
                                  {{"\n  ", " "}}),
              HasSubstr(sentence));

  const json amended = Agreement(Siro(parties_[0]), {"amend", id_, file});
  EXPECT_EQ(amended.value("version", 0u), next);
  EXPECT_EQ(amended.value("against", 0u), version_);
  const std::string digest = amended.value("digest", "");
  const std::string state = State();
  for (const std::string& party : parties_) {
    EXPECT_EQ(Version(version_).value("state", ""), state)
        << "until the last line is signed";
    EXPECT_EQ(Version(next).value("state", ""), "proposed");
    const json signed_one = Sign(party, next, digest);
    EXPECT_EQ(signed_one.value("state", ""),
              party == parties_.back() ? "active" : "proposed");
  }
  const json lines =
      Agreement(Siro(parties_[0]), {"signatures", id_}).at("signatures");
  EXPECT_EQ(lines.size(), parties_.size());
  for (const json& one : lines) {
    EXPECT_EQ(one.at("signed"), true);
    EXPECT_EQ(one.at("diff"), amended.at("diff")) << "what it was shown";
  }
  EXPECT_EQ(Version(version_).value("state", ""), "superseded");
  version_ = next;
  digest_ = digest;
  SendSample();
  EXPECT_EQ(Receive(sample_.to).size(), 1u);
}

void Life::ExpectFirstSuperseded() {
  client::SendRequest request = {sample_.from,    sample_.to, sample_.flow,
                                 sample_.purpose, "push",     {}};
  for (size_t i = 0; i + 1 < sample_.more.size(); i += 2) {
    const std::string& value = sample_.more[i + 1];
    if (sample_.more[i] == "--case") {
      request.accompanying["case_reference"] = value;
    } else if (sample_.more[i] == "--carry") {
      const size_t equals = value.find('=');
      request.accompanying[value.substr(0, equals)] = value.substr(equals + 1);
    }
  }
  const client::Failure refused = end_to_end::SendCrafted(
      System(sample_.from), id_, request,
      [this](client::BatchRoute* route, client::OutgoingRecord*) {
        const auto digest = crypto::HashFromHex(first_digest_);
        ASSERT_TRUE(digest.ok()) << digest.status();
        route->version = 1;
        route->agreement_digest = *digest;
      });
  EXPECT_EQ(refused.code, "VERSION_SUPERSEDED") << refused.what;
  EXPECT_THAT(absl::StrCat(refused.what, refused.why),
              HasSubstr(absl::StrCat("version in force: ", version_)));
}

std::map<std::string, int> Life::ReviewWarnings() {
  std::map<std::string, int> within;
  const json status = Run(Siro(parties_[0]), {"status"});
  for (const json& one : status.at("warnings")) {
    const std::string code = one.at("code");
    if (!absl::StrContains(code, "REVIEW_DUE")) continue;
    EXPECT_THAT(one.value("what", ""), HasSubstr(id_));
    EXPECT_THAT(one.value("next", ""), HasSubstr("agreement amend " + id_));
    within[code] = one.at("within");
  }
  return within;
}

void Life::BeReviewed() {
  const auto both = [](int within) {
    return std::map<std::string, int>{{"REVIEW_DUE", within},
                                      {"ASSESSMENT_REVIEW_DUE", within}};
  };
  const absl::CivilDay first = world_.facts.today;
  EXPECT_TRUE(ReviewWarnings().empty());
  const std::pair<int, int> warned[] = {{89, 90}, {29, 30}, {6, 7}};
  for (const auto& [left, within] : warned) {
    clock_.MoveTo(first + kReviewDay - left);
    EXPECT_EQ(ReviewWarnings(), both(within)) << left << " days before";
  }
  SendSample();
  EXPECT_EQ(Receive(sample_.to).size(), 1u) << "a warning stops nothing";
  clock_.MoveTo(first + kReviewDay + 1);
  EXPECT_EQ(ReviewWarnings(), both(0));
  EXPECT_EQ(State(), "suspended");
  EXPECT_EQ(Refusal(), "REVIEW_OVERDUE");
  EXPECT_EQ(
      CodeOf(Run(System(sample_.to),
                 {"receive", "--agreement", id_, "--out", world_.Path("never")},
                 kRefused)),
      "REVIEW_OVERDUE");
  EXPECT_EQ(CodeOf(Agreement(Siro(parties_[0]),
                             {"resume", id_, "--reason", "No time for it"},
                             kRefused)),
            "NOTHING_TO_RESUME")
      << "nobody lifts it";
  BeAmended({{Day(kReviewDay), Day(kNextReviewDay)}}, "review");
}

void Life::EndByWithdrawal(const std::string& agency) {
  const json left = Agreement(Siro(agency), {"withdraw", id_, "--reason",
                                             "It is done", "--confirm", id_});
  EXPECT_EQ(left.value("state", ""), "ended");
  EXPECT_EQ(left.value("notice_days", 0), 30) << "on record, not waited for";
  EXPECT_EQ(State(), "ended");
  EXPECT_EQ(Refusal(), "TERMINATED");
  const json late = Agreement(
      Siro(agency), {"suspend", id_, "--reason", "Too late"}, kRefused);
  EXPECT_EQ(CodeOf(late), "NOT_LEGAL_NOW");
  EXPECT_THAT(late["error"].value("why", ""), HasSubstr("ended"));
}

void Life::EndByExpiry() {
  const auto ask = [&](const std::string& at, int exit) {
    return Explain(sample_.from, sample_.to, sample_.purpose, sample_.dataset,
                   {"--at", at}, exit);
  };
  const json last = ask(Day(kUntilDay - 1) + "T23:59:59Z", 0);
  EXPECT_EQ(last.at("good_until"), Day(kUntilDay) + "T00:00:00+00:00");
  EXPECT_EQ(CodeOf(ask(Day(kUntilDay) + "T00:00:00Z", kRefused)), "EXPIRED");

  auto follower = world::Background::Start(
      {world_.settings.entente, "--no-input", "--profile", System(sample_.to),
       "receive", "--agreement", id_, "--follow", "--out",
       world_.Path("followed"), "-o", "ndjson"},
      world_.Path("follower.log"));
  ASSERT_TRUE(follower.ok()) << follower.status();
  SendSample();
  const auto received = (*follower)->WaitForLine(
      [](const std::string& line) {
        return absl::StrContains(line, "\"batch\":");
      },
      world::kPatience);
  ASSERT_TRUE(received.ok()) << received.status();
  clock_.MoveTo(world_.facts.today + kUntilDay);
  const absl::Time at = absl::Now();
  EXPECT_EQ((*follower)->Wait(), kRefused) << (*follower)->Said();
  EXPECT_LT(absl::Now() - at, kCutWithin);
  EXPECT_THAT((*follower)->Said(), HasSubstr("EXPIRED"));
  EXPECT_EQ(State(), "expired");
  EXPECT_EQ(Refusal(), "EXPIRED");
  EXPECT_EQ(
      CodeOf(Run(System(sample_.to),
                 {"receive", "--agreement", id_, "--out", world_.Path("never")},
                 kRefused)),
      "EXPIRED");
}

void Life::ProveIt() {
  const std::string siro = Siro(parties_.back());
  const auto page = world_.EntenteText(siro, {"agreement", "export", id_});
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(*page, AllOf(HasSubstr("<!DOCTYPE html>"),
                           HasSubstr("How each clause is held")));
  EXPECT_EQ(page->find("src="), std::string::npos) << "self-contained";
  const auto bundle =
      world_.EntenteText(siro, {"agreement", "export", id_, "--as", "json"});
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  const json good = Agreement(
      "", {"verify", Write("bundle.json", *bundle), "--digest", digest_});
  EXPECT_EQ(good.value("activated", false), true);
  EXPECT_EQ(good.at("signatures").size(), parties_.size());
  std::string altered = *bundle;
  const size_t at = altered.find("siro");
  ASSERT_NE(at, std::string::npos);
  altered[at] = 'S';
  Agreement("", {"verify", Write("altered.json", altered)}, kNotProven);

  const std::string auditor = world_.Profile(world::kLeft, "auditor");
  const std::string mirror = world_.Path("ledger");
  Run(auditor, {"audit", "mirror", mirror, "--agreement", id_});
  EXPECT_EQ(Run("", {"audit", "verify", mirror}).value("verified", false),
            true);
  std::set<std::string> kinds;
  const json listed =
      Run(auditor, {"audit", "list", "--agreement", id_, "--limit", "200"});
  for (const json& entry : listed.at("entries")) {
    kinds.insert(entry.at("kind").get<std::string>());
  }
  for (const char* kind :
       {"agreement_proposed", "agreement_signed", "agreement_activated",
        "agreement_suspended", "agreement_resumed"}) {
    EXPECT_EQ(kinds.count(kind), 1u) << kind;
  }
}

}  // namespace entente::lifecycle
