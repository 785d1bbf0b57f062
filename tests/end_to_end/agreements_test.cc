// Documents that are wrong, and signatures that do not count.
#include <gmock/gmock.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/end_to_end/shared_world.h"
#include "tests/end_to_end/wire.h"

namespace entente::end_to_end {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Agreements : public EndToEnd {
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

  // Proposes it as kLeft; its digest.
  std::string Propose(const std::string& document) {
    const Ended proposed =
        Run(Profile(kLeft, "siro"),
            {"agreement", "propose", Write("agreement.yaml", document)});
    EXPECT_EQ(proposed.exit_code, 0) << proposed.err;
    return proposed.exit_code == 0 ? proposed.out.at("digest") : "";
  }

  Ended Sign(const std::string& agency, const std::string& name,
             const std::string& id, const std::string& digest) {
    return Run(Profile(agency, name),
               {"agreement", "sign", id, "--digest", digest});
  }

  Ended SendUnder(const std::string& id) {
    return Run(LeftSystem(),
               {"send", "--agreement", id, "--flow", kPersons, "--purpose",
                kPurpose, "--case", "C1", Write("rows.csv", People(1))});
  }
};

TEST_F(Agreements, EveryMistakeIsNamedWithItsPlaceAtOnce) {
  const std::string file =
      Write("wrong.yaml",
            DocumentOf("isa-wrong",
                       {{"capacity: joint_controller", "capacity: boss"},
                        {"methods: [push]", "methods: [shout]"},
                        {"    purposes: [investigate-series]\n    dataset",
                         "    purposes: [gossip]\n    dataset"}}));
  const Ended checked = Run("", {"agreement", "check", file});
  EXPECT_EQ(checked.exit_code, 1);
  ASSERT_TRUE(checked.out.is_object()) << checked.err;
  EXPECT_EQ(checked.out.at("ok"), false);
  size_t errors = 0;
  for (const json& diagnostic : checked.out.at("diagnostics")) {
    if (diagnostic.at("severity") != "error") continue;
    ++errors;
    EXPECT_GT(diagnostic.at("line").get<int>(), 0);
    EXPECT_GT(diagnostic.at("column").get<int>(), 0);
    EXPECT_NE(diagnostic.at("field"), "");
    EXPECT_NE(diagnostic.at("message"), "");
  }
  EXPECT_GE(errors, 5u) << checked.out;
  const auto people = world().RunEntente(Profile(kLeft, "siro"),
                                         {"agreement", "propose", file});
  ASSERT_TRUE(people.ok());
  EXPECT_EQ(people->exit_code, 1);
  EXPECT_THAT(people->err, AllOf(HasSubstr(file + ":"), HasSubstr("boss"),
                                 HasSubstr("shout"), HasSubstr("gossip")));
  const Ended proposed =
      Run(Profile(kLeft, "siro"), {"agreement", "propose", file});
  ExpectFailure(proposed, {.exit_code = 1,
                           .code = "AGREEMENT_INVALID",
                           .what = "is no valid agreement",
                           .why = "wrong.yaml:",
                           .next = "entente agreement check"});
}

TEST_F(Agreements, TheBrokerRefusesWhatTheClientWouldNotSend) {
  for (const std::string& document :
       {std::string("{}"), std::string("{\"schema\": 1}"),
        DocumentOf("isa-not-canonical"), std::string("not json")}) {
    const client::Failure failure =
        ProposeRaw(Profile(kLeft, "siro"), document);
    EXPECT_EQ(failure.code, "DOCUMENT_REFUSED");
    ASSERT_EQ(failure.ledger, "broker");
    const json entry = Entry("", failure.entry);
    ASSERT_TRUE(entry.is_object());
    EXPECT_EQ(entry.at("kind"), "agreement_proposed");
    EXPECT_EQ(entry.at("outcome"), "deny");
  }
}

TEST_F(Agreements, OneThatNobodyProposedIsNone) {
  const Ended ended = SendUnder("isa-nowhere");
  ExpectFailure(ended, {.exit_code = 3,
                        .code = "NO_AGREEMENT",
                        .what = "you are party to no such agreement",
                        .next = "check the agreement's id"});
  ExpectRefusalEntry(ended, "broker", Entry("", ended.error.value("entry", 0)),
                     "refused_call", "NO_AGREEMENT");
}

TEST_F(Agreements, NothingMovesBeforeTheLastSignature) {
  const std::string id = "isa-slow-to-sign";
  const std::string digest = Propose(DocumentOf(id));
  ExpectFailure(SendUnder(id), {.exit_code = 3,
                                .code = "NOT_IN_FORCE",
                                .what = "is not in force",
                                .next = "entente agreement show " + id});
  for (const char* name : {"acc-crime", "siro"}) {
    EXPECT_EQ(Sign(kLeft, name, id, digest).exit_code, 0);
  }
  const Ended half = Sign(kRight, "acc-crime", id, digest);
  ASSERT_EQ(half.exit_code, 0) << half.err;
  EXPECT_EQ(half.out.at("state"), "proposed");
  EXPECT_EQ(half.out.at("missing").size(), 1u);
  ExpectFailure(SendUnder(id), {.exit_code = 3,
                                .code = "NOT_IN_FORCE",
                                .what = "is not in force",
                                .why = "signat"});
  const Ended last = Sign(kRight, "siro", id, digest);
  ASSERT_EQ(last.exit_code, 0) << last.err;
  EXPECT_EQ(last.out.at("state"), "active");
}

TEST_F(Agreements, AnotherDigestThanTheDocumentsIsNotSigned) {
  const std::string id = "isa-altered-on-the-way";
  const std::string digest = Propose(DocumentOf(id));
  std::string other = digest;
  other[0] = other[0] == '0' ? '1' : '0';
  ExpectFailure(Sign(kRight, "siro", id, other),
                {.exit_code = 6,
                 .code = "DIGEST_DIFFERS",
                 .what = "the document is another one than the digest says",
                 .why = digest,
                 .next = "entente agreement show " + id});
  const Ended shown = Run(Profile(kRight, "siro"), {"agreement", "show", id});
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_EQ(shown.out.at("signatures").size(), 0u);
  EXPECT_EQ(Sign(kRight, "siro", id, digest).exit_code, 0);
}

TEST_F(Agreements, ASignatureOverOtherBytesIsRefusedAndRecorded) {
  const std::string id = "isa-other-bytes";
  Propose(DocumentOf(id));
  const Ended shown =
      Run(Profile(kRight, "siro"), {"agreement", "show", id, "--as", "json"});
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  const std::string bytes = shown.out.at("text");
  const std::string altered = absl::StrReplaceAll(
      bytes,
      {{"\"enrolments_per_day\":10000", "\"enrolments_per_day\":90000"}});
  ASSERT_NE(altered, bytes);
  const client::Failure refused =
      SignRaw(Profile(kRight, "siro"), id,
              EnvelopeBy(Profile(kRight, "siro"), altered));
  EXPECT_EQ(refused.code, "BAD_SIGNATURE");
  EXPECT_THAT(refused.why, HasSubstr("not the document of this version"));
  EXPECT_EQ(refused.ledger, id);
  const json entry = Entry(id, refused.entry);
  ASSERT_TRUE(entry.is_object());
  EXPECT_EQ(entry.at("kind"), "agreement_signed");
  EXPECT_EQ(entry.at("outcome"), "deny");
  EXPECT_EQ(entry.at("reasons"), "BAD_SIGNATURE");
  // The right bytes, but an envelope altered after signing.
  std::string envelope = EnvelopeBy(Profile(kRight, "siro"), bytes);
  const size_t payload = envelope.find("\"payload\":\"");
  ASSERT_NE(payload, std::string::npos);
  char& character = envelope[payload + 40];
  character = character == 'A' ? 'B' : 'A';
  EXPECT_EQ(SignRaw(Profile(kRight, "siro"), id, envelope).code,
            "BAD_SIGNATURE");
  // Somebody else's signature, although it is a good one.
  EXPECT_EQ(SignRaw(Profile(kRight, "siro"), id,
                    EnvelopeBy(Profile(kRight, "acc-crime"), bytes))
                .code,
            "BAD_SIGNATURE");
  EXPECT_EQ(SignRaw(Profile(kRight, "siro"), id,
                    EnvelopeBy(Profile(kRight, "siro"), bytes))
                .what,
            "");
}

TEST_F(Agreements, OnlyThoseSignWhomTheDocumentNames) {
  const std::string id = "isa-uninvited";
  const std::string digest = Propose(DocumentOf(id));
  const Ended system = Sign(kLeft, "system", id, digest);
  ExpectFailure(system, {.exit_code = 3,
                         .code = "ROLE_NOT_ALLOWED",
                         .what = "SYSTEM may not call",
                         .next = "use a certificate of a role that may"});
  ExpectRefusalEntry(system, id, Entry(id, system.error.value("entry", 0)),
                     "refused_call", "ROLE_NOT_ALLOWED");
  ASSERT_TRUE(world().MakeProfile(kLeft, "signatory", "clerk").ok());
  const Ended clerk = Sign(kLeft, "clerk", id, digest);
  ExpectFailure(clerk, {.exit_code = 3,
                        .code = "NOT_A_SIGNATORY",
                        .what = "no line for your certificate's name",
                        .why = "signatories",
                        .next = "let the signatory whom it names sign"});
  ExpectRefusalEntry(clerk, id, Entry(id, clerk.error.value("entry", 0)),
                     "agreement_signed", "NOT_A_SIGNATORY");
  EXPECT_EQ(Sign(kLeft, "siro", id, digest).exit_code, 0);
}

TEST_F(Agreements, ADocumentOfAnotherBrokerIsRefused) {
  const Ended ended =
      Run(Profile(kLeft, "siro"),
          {"agreement", "propose",
           Write("agreement.yaml",
                 DocumentOf("isa-elsewhere",
                            {{world::kBrokerName, "broker.other.example"}}))});
  ExpectFailure(ended, {.exit_code = 3,
                        .code = "WRONG_BROKER",
                        .what = "names another broker",
                        .why = "broker.name",
                        .next = "correct the document"});
  ExpectRefusalEntry(ended, "broker", Entry("", ended.error.value("entry", 0)),
                     "agreement_proposed", "WRONG_BROKER");
}

TEST_F(Agreements, ANamedVersionKeepsItsText) {
  const std::string id = "isa-rewritten";
  Propose(DocumentOf(id));
  const Ended ended = Run(
      Profile(kLeft, "siro"),
      {"agreement", "propose",
       Write("other.yaml", DocumentOf(id, {{"enrolments_per_day: 10000",
                                            "enrolments_per_day: 90000"}}))});
  ExpectFailure(ended, {.exit_code = 5,
                        .code = "VERSION_EXISTS",
                        .what = "another document has this agreement's id",
                        .next = "propose the next version"});
  ExpectRefusalEntry(ended, id, Entry(id, ended.error.value("entry", 0)),
                     "agreement_proposed", "VERSION_EXISTS");
}

TEST_F(Agreements, OneWhoseLastDayHasPassedIsNotSigned) {
  const std::string id = "isa-too-late";
  const absl::CivilDay today = world().facts.today;
  const auto day = [](absl::CivilDay date) {
    return absl::FormatCivilTime(date);
  };
  const std::string digest = Propose(DocumentOf(
      id, {{absl::StrCat("from: \"", day(today), "\""),
            absl::StrCat("from: \"", day(today - 30), "\"")},
           {absl::StrCat("until: \"", day(today + 365), "\""),
            absl::StrCat("until: \"", day(today), "\"")},
           {absl::StrCat("review_by: \"", day(today + 330), "\"\n\n"),
            absl::StrCat("review_by: \"", day(today - 1), "\"\n\n")},
           {absl::StrCat("date: \"", day(today - 30), "\""),
            absl::StrCat("date: \"", day(today - 60), "\"")}}));
  const Ended late = Sign(kLeft, "siro", id, digest);
  ExpectFailure(late, {.exit_code = 3,
                       .code = "EXPIRED",
                       .what = "version 1 has expired",
                       .why = "valid.until",
                       .next = "agree a new version"});
  ExpectRefusalEntry(late, id, Entry(id, late.error.value("entry", 0)),
                     "agreement_signed", "EXPIRED");
  ExpectFailure(SendUnder(id), {.exit_code = 3,
                                .code = "NOT_IN_FORCE",
                                .what = "is not in force",
                                .why = "expired"});
}

}  // namespace
}  // namespace entente::end_to_end
