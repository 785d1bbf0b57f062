// What the broker refuses on the wire of those who suspend, resume and propose,
// whatever a client would let them ask for.
#include <gmock/gmock.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "certs/agreement_act.h"
#include "policy/check.h"
#include "tests/end_to_end/shared_world.h"
#include "tests/end_to_end/wire.h"

namespace entente::end_to_end {
namespace {

using testing::HasSubstr;

class Acts : public EndToEnd {
 protected:
  // The shared document under another id, with `changes`.
  std::string DocumentOf(
      const std::string& id,
      const std::vector<std::pair<std::string, std::string>>& changes = {}) {
    std::string document =
        absl::StrReplaceAll(Document(world().facts), {{kAgreement, id}});
    for (const auto& [from, to] : changes) {
      EXPECT_THAT(document, HasSubstr(from));
      document = absl::StrReplaceAll(document, {{from, to}});
    }
    return document;
  }

  // Proposed and signed by everybody; its digest.
  std::string BringIntoForce(const std::string& document,
                             const std::string& id) {
    const Ended proposed =
        Run(Profile(kLeft, "siro"),
            {"agreement", "propose", Write("agreement.yaml", document)});
    EXPECT_EQ(proposed.exit_code, 0) << proposed.err;
    if (proposed.exit_code != 0) return "";
    const std::string digest = proposed.out.at("digest");
    std::string state;
    for (const char* agency : {kLeft, kRight}) {
      for (const char* name : {"acc-crime", "siro"}) {
        const Ended one = Run(Profile(agency, name),
                              {"agreement", "sign", id, "--digest", digest});
        EXPECT_EQ(one.exit_code, 0) << one.err;
        state = one.out.value("state", "");
      }
    }
    EXPECT_EQ(state, "active");
    return digest;
  }

  Ended Suspend(const std::string& agency, const std::string& id,
                std::vector<std::string> more = {}) {
    more.insert(more.begin(),
                {"agreement", "suspend", id, "--reason", "Odd queries"});
    return Run(Profile(agency, "siro"), std::move(more));
  }
  std::string State(const std::string& id) {
    return Run(Profile(kRight, "siro"), {"agreement", "show", id})
        .out.value("state", "");
  }
  // Whether the ledger of `id` (empty: the broker's own) has the refusal.
  void ExpectRecorded(const client::Failure& refused, const std::string& id,
                      const std::string& kind) {
    EXPECT_EQ(refused.ledger, id.empty() ? "broker" : id);
    const json entry = Entry(id, refused.entry);
    ASSERT_TRUE(entry.is_object());
    EXPECT_EQ(entry.at("kind"), kind);
    EXPECT_EQ(entry.at("outcome"), "deny");
    EXPECT_EQ(entry.at("reasons"), refused.code);
  }
};

TEST_F(Acts, NobodyLiftsAnothersSuspension) {
  const std::string id = "isa-held-by-another";
  const std::string digest = BringIntoForce(DocumentOf(id), id);
  for (const bool sending : {false, true}) {
    const Ended suspended =
        Suspend(kRight, id,
                sending ? std::vector<std::string>{"--sending"}
                        : std::vector<std::string>());
    ASSERT_EQ(suspended.exit_code, 0) << suspended.err;
    // The command finds nothing of its own agency's to resume. So by hand.
    certs::AgreementAct act;
    act.kind = certs::ActKind::kResume;
    act.agreement = id;
    act.version = 1;
    act.digest = digest;
    act.agency = kLeft;
    act.reason = "We need it";
    act.lifts = suspended.out.at("digest");
    const client::Failure refused = ActRaw(Profile(kLeft, "siro"), act);
    EXPECT_EQ(refused.code, "NOT_IMPOSED_BY_YOU");
    EXPECT_EQ(refused.exit, client::ExitCode::kRefused);
    EXPECT_THAT(refused.why, HasSubstr("it is westvale-police's"));
    ExpectRecorded(refused, id, "agreement_resumed");
    // Nor under another's name.
    act.agency = kRight;
    EXPECT_EQ(ActRaw(Profile(kLeft, "siro"), act).code, "NOT_YOUR_AGENCY");
    if (!sending) {
      EXPECT_EQ(State(id), "suspended");
    }
    // By the one who imposed it, the same act is good.
    act.reason = "They are explained";
    EXPECT_EQ(ActRaw(Profile(kRight, "siro"), act).what, "");
    EXPECT_EQ(State(id), "active");
  }
}

TEST_F(Acts, WhereTheOwnerSuspendsNobodyElseDoes) {
  const std::string id = "isa-of-an-owner";
  BringIntoForce(
      DocumentOf(id,
                 {{"suspend: any_party", "suspend: owner"},
                  {"owner: Head of Information Management, Northmere Police",
                   "owner: Chief Data Officer"},
                  {"northmere-police, role: Senior Information Risk Owner",
                   "northmere-police, role: Chief Data Officer"}}),
      id);
  const Ended refused = Suspend(kRight, id);
  ExpectFailure(refused, {.exit_code = 3,
                          .code = "OWNER_ONLY",
                          .what = "its owner is northmere-police",
                          .why = "governance.suspend",
                          .next = "suspend your own sending, withdraw"});
  ExpectRefusalEntry(refused, id, Entry(id, refused.error.value("entry", 0)),
                     "agreement_suspended", "OWNER_ONLY");
  EXPECT_EQ(State(id), "active");
  // What is its own it stops, and the owner stops all.
  EXPECT_EQ(Suspend(kRight, id, {"--sending"}).exit_code, 0);
  EXPECT_EQ(State(id), "active");
  EXPECT_EQ(Suspend(kLeft, id).exit_code, 0);
  EXPECT_EQ(State(id), "suspended");
}

TEST_F(Acts, TheGatesOfADocumentAreTheBrokersToo) {
  const std::string id = "isa-without-its-gates";
  const policy::CheckResult checked = policy::Check(
      "gates.yaml",
      DocumentOf(id, {{"special_category: false", "special_category: true"}}));
  ASSERT_TRUE(checked.ok()) << checked.report;
  const json whole = json::parse(checked.canonical);
  ASSERT_EQ(whole.dump(), checked.canonical)
      << "what is left out is all that makes a difference";
  struct Gate {
    const char* pointer;  // what is left out
    const char* names;    // in the refusal
  };
  const Gate kGates[] = {{"/governance/dpia", "governance.dpia"},
                         {"/governance/dpia/date", "governance.dpia.date"},
                         {"/governance/dpia/ref", "governance.dpia.ref"},
                         {"/lawful_basis/0/processing", "lawful_basis"},
                         {"/lawful_basis/0/sensitive", "sensitive"},
                         {"/lawful_basis", "lawful_basis"},
                         {"/signatories/3", "signatories"},
                         {"/signatories", "signatories"}};
  for (const Gate& gate : kGates) {
    json without = whole;
    if (std::string(gate.pointer) == "/signatories/3") {
      // Both lines of one party.
      without["signatories"].erase(3);
      without["signatories"].erase(2);
    } else {
      const json::json_pointer place(gate.pointer);
      without[place.parent_pointer()].erase(place.back());
    }
    const client::Failure refused =
        ProposeRaw(Profile(kLeft, "siro"), without.dump());
    EXPECT_EQ(refused.code, "DOCUMENT_REFUSED") << gate.pointer;
    EXPECT_THAT(refused.why, HasSubstr(gate.names)) << gate.pointer;
    ExpectRecorded(refused, "", "agreement_proposed");
  }
  // With all of them it is taken.
  EXPECT_EQ(ProposeRaw(Profile(kLeft, "siro"), whole.dump()).what, "");
}

}  // namespace
}  // namespace entente::end_to_end
