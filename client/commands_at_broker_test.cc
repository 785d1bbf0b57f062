#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "client/fake_traffic.h"
#include "client/rpc/retries.h"
#include "client/sender.h"
#include "client/test_commands_at_broker.h"

namespace entente::client {
namespace {

using nlohmann::json;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kAnn[] = "A1,Ann,28/3,2026-10-03,30\n";
constexpr char kBob[] = "B2,Bob,28/3,2026-10-04,31\n";

TEST_F(CommandsAtBrokerTest, EnrolledSentAndReceived) {
  const Ran enrolled = Enrol(North(), "A1,n-1\nB2,n-2\nA1,n-3\n");
  ASSERT_EQ(enrolled.exit, 0) << enrolled.err;
  EXPECT_EQ(enrolled.Out(), json::parse(R"({"schema":1,"agreement":"isa-small",
              "scheme":"opaque/1:custody","rows":3,"enrolled":2,"new":2,
              "refused_rows":0,"refused_file":null})"));
  ASSERT_EQ(Enrol(West(), "A1,w-1\n").exit, 0);

  const Ran sent =
      Send(std::string(kAnn) + kBob, {"--journal", folder_ / "journal.csv"});
  ASSERT_EQ(sent.exit, 0) << sent.err;
  const json out = sent.Out();
  EXPECT_EQ(out["rows"], 2);
  EXPECT_EQ(out["sent"], 2);
  EXPECT_EQ(out["refused_rows"], 0);
  EXPECT_THAT(out["resumed"], IsEmpty());
  ASSERT_THAT(out["batches"], SizeIs(1));
  const json batch = out["batches"][0];
  EXPECT_EQ(batch["recipient"], kWest);
  EXPECT_EQ(batch["records"], 2);
  EXPECT_EQ(batch["ledger"], kPact);
  EXPECT_THAT(folder_.Read("journal.csv"),
              HasSubstr("row,recipient,batch,index\r\n"));

  const Ran received = Receive(folder_ / "inbox");
  ASSERT_EQ(received.exit, 0) << received.err;
  const json in = received.Out();
  EXPECT_EQ(in["received"], 2);
  EXPECT_EQ(in["matched"], 1);
  EXPECT_THAT(in["refused"], IsEmpty());
  ASSERT_THAT(in["batches"], SizeIs(1));
  EXPECT_EQ(in["batches"][0]["batch"], batch["batch"]);
  EXPECT_EQ(in["batches"][0]["received_before"], false);
  std::istringstream lines(
      folder_.Read("inbox/" + batch["batch"].get<std::string>() + ".jsonl"));
  std::string line;
  size_t matched = 0;
  while (std::getline(lines, line)) {
    const json record = json::parse(line);
    EXPECT_EQ(record["sender"], kNorth);
    EXPECT_EQ(record["fields"]["occurred"], "2026-10");
    if (record["fields"]["name"] != "Ann") continue;
    EXPECT_EQ(record["pseudonyms"]["person"]["matches"],
              json::parse(R"(["w-1"])"));
    ++matched;
  }
  EXPECT_EQ(matched, 1u);
}

TEST_F(CommandsAtBrokerTest, BlankIdentifiersAreListedAndTheOthersEnrolled) {
  const Ran ran = Enrol(North(), "A1,n-1\n ,n-2\nB2,\n");
  EXPECT_EQ(ran.exit, 8) << ran.err;
  EXPECT_EQ(ran.Out()["rows"], 3);
  EXPECT_EQ(ran.Out()["enrolled"], 1);
  EXPECT_EQ(ran.Out()["refused_rows"], 2);
  EXPECT_EQ(broker_.enrol.calls.size(), 1u);
}

TEST_F(CommandsAtBrokerTest, ARefusedEnrolmentSaysTheBrokersReason) {
  broker_.enrol.refuse = [](const auto&) {
    return Refusal(grpc::StatusCode::RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED",
                   "none left today");
  };
  const Ran ran = Enrol(North(), "A1,n-1\n");
  EXPECT_EQ(ran.exit, 3);
  EXPECT_EQ(ran.out, "");
  const json error = ran.Error();
  EXPECT_EQ(error["code"], "QUOTA_EXCEEDED");
  EXPECT_THAT(error["why"].get<std::string>(), HasSubstr("none left today"));
  EXPECT_EQ(error["next"], "mend QUOTA_EXCEEDED");
  EXPECT_EQ(error["ledger"], kPact);
  EXPECT_EQ(error["entry"], 1);
}

TEST_F(CommandsAtBrokerTest, TheSealedBatchIsDurableBeforeItsFirstByte) {
  ASSERT_EQ(Enrol(North(), "A1,n-1\n").exit, 0);
  std::vector<std::string> stored;
  broker_.send_chunk.refuse = [&](const v1::SendChunkRequest& request) {
    const auto store = LocalStore::Open(North());
    const auto unfinished = (*store)->exchange().Unfinished(kPact);
    for (const BatchId& id : *unfinished) {
      const auto batch = (*store)->exchange().Outgoing(id);
      EXPECT_EQ(request.sealed(), crypto::AsText(batch->chunks[0].sealed));
      stored.push_back(crypto::ToHex(id));
    }
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone");
  };
  const Ran broken = Send(kAnn);
  EXPECT_EQ(broken.exit, 7) << broken.err;
  ASSERT_THAT(stored, SizeIs(kMaxAttempts));
  EXPECT_THAT(stored, Each(stored[0]));

  // The same command again: that batch goes on, and nothing is sealed anew.
  broker_.send_chunk.refuse = nullptr;
  const Ran again = Send(kAnn);
  ASSERT_EQ(again.exit, 0) << again.err;
  ASSERT_THAT(again.Out()["resumed"], SizeIs(1));
  EXPECT_EQ(again.Out()["resumed"][0]["batch"], stored[0]);
  EXPECT_EQ(again.Out()["sent"], 0);
  EXPECT_EQ(again.Out()["sent_before"], 1);
  EXPECT_THAT(broker_.batches, SizeIs(1));
}

// For example since the recipient renewed its keys between the two runs.
TEST_F(CommandsAtBrokerTest, AnUnfinishedBatchThatIsRefusedLaterIsNotLost) {
  ASSERT_EQ(Enrol(North(), "A1,n-1\nB2,n-2\n").exit, 0);
  broker_.send_chunk.refuse = [](const auto&) {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone");
  };
  EXPECT_EQ(Send(kAnn).exit, 7);
  const std::string sealed = broker_.send_chunk.calls.back().batch_id();
  broker_.send_chunk.refuse = [&](const v1::SendChunkRequest& request) {
    return request.batch_id() == sealed
               ? Refusal(grpc::StatusCode::FAILED_PRECONDITION, "KEY_UNKNOWN")
               : grpc::Status::OK;
  };
  const Ran other = Send(kBob);
  EXPECT_EQ(other.exit, 8) << other.err;
  EXPECT_EQ(other.Out()["sent"], 1);
  EXPECT_THAT(other.Out()["resumed"], IsEmpty());
  ASSERT_THAT(other.Out()["dropped"], SizeIs(1));
  EXPECT_EQ(other.Out()["dropped"][0]["records"], 1);
  EXPECT_EQ(other.Out()["dropped"][0]["code"], "KEY_UNKNOWN");
  EXPECT_EQ(other.Error()["code"], "UNFINISHED_REFUSED");

  const Ran again = Send(kAnn);
  EXPECT_EQ(again.exit, 0) << again.err;
  EXPECT_EQ(again.Out()["sent"], 1);
  EXPECT_THAT(broker_.batches, SizeIs(2));
}

// The fake broker's is good for a day.
TEST_F(CommandsAtBrokerTest, StatusWarnsOfTheBrokersOwnCertificate) {
  const Ran ran = As(North(), {"status"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  const json warnings = ran.Out()["warnings"];
  const auto broker =
      std::find_if(warnings.begin(), warnings.end(), [](const json& warning) {
        return warning["code"] == "BROKER_CERTIFICATE_EXPIRES";
      });
  ASSERT_NE(broker, warnings.end()) << warnings.dump();
  EXPECT_EQ((*broker)["within"], 1);
}

TEST_F(CommandsAtBrokerTest, RowsThatMayNotLeaveAreListed) {
  ASSERT_EQ(Enrol(North(), "A1,n-1\n").exit, 0);
  const Ran ran = Send(std::string(kAnn) + kBob);
  EXPECT_EQ(ran.exit, 8) << ran.err;
  EXPECT_EQ(ran.Out()["sent"], 1);
  EXPECT_EQ(ran.Out()["refused_rows"], 1);
  EXPECT_TRUE(ran.Out()["refused_file"].is_string());
}

TEST_F(CommandsAtBrokerTest, ARefusedSendingHasItsExitCode) {
  ASSERT_EQ(Enrol(North(), "A1,n-1\n").exit, 0);
  broker_.send_chunk.refuse = [](const auto&) {
    return Refusal(grpc::StatusCode::PERMISSION_DENIED, "SUSPENDED");
  };
  EXPECT_EQ(Send(kAnn).exit, 3);
  broker_.send_chunk.refuse = nullptr;
  broker_.send_chunk.alter = [](const auto&, auto* response) {
    response->mutable_receipt()->mutable_entry()->append(" ");
  };
  const Ran lied = Send(kAnn);
  EXPECT_EQ(lied.exit, 6) << lied.err;
  EXPECT_EQ(lied.out, "");
}

TEST_F(CommandsAtBrokerTest, ABatchThatIsRefusedHereEndsWithSix) {
  ASSERT_EQ(Enrol(North(), "A1,n-1\n").exit, 0);
  ASSERT_EQ(Send(kAnn).exit, 0);
  broker_.receive.alter = [](const auto&, auto* parts) {
    (*(*parts)[1].mutable_chunk()->mutable_signature())[0] ^= 1;
  };
  const Ran refused = Receive(folder_ / "inbox");
  EXPECT_EQ(refused.exit, 6);
  ASSERT_THAT(refused.Out()["refused"], SizeIs(1));
  EXPECT_EQ(refused.Out()["received"], 0);
  EXPECT_THAT(refused.Error()["what"].get<std::string>(),
              HasSubstr("1 of 1 batches were refused here"));
  broker_.receive.alter = nullptr;
  const Ran received = Receive("-");
  EXPECT_EQ(received.exit, 0) << received.err;
  EXPECT_EQ(json::parse(received.out)["fields"]["name"], "Ann")
      << "a record, and no summary";
}

TEST_F(CommandsAtBrokerTest, ReceivingPassesThePepperOn) {
  // Everybody but west has the pepper.
  broker_.put_pepper.refuse = [this](const auto&) {
    return broker_.put_pepper.calls.size() == 1
               ? grpc::Status::OK
               : grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone");
  };
  ASSERT_EQ(Enrol(North(), "A1,n-1\n").exit, 0);
  broker_.put_pepper.refuse = nullptr;
  EXPECT_EQ(Enrol(West(), "A1,w-1\n").exit, 7);
  const Ran ran =
      As(broker_.agency(kEast).profile(),
         {"receive", "--agreement", kPact, "--out", folder_ / "east"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("pepper: left for west-police"));
  EXPECT_EQ(Enrol(West(), "A1,w-1\n").exit, 0);
}

TEST_F(CommandsAtBrokerTest, WhatTheBrokerHoldsBackIsSaid) {
  ASSERT_EQ(Enrol(North(), "A1,n-1\n").exit, 0);
  ASSERT_EQ(Send(kAnn).exit, 0);
  // Its time ran out: an honest broker delivers it no more.
  broker_.receive.alter = [](const auto&, auto* parts) { parts->clear(); };
  const Ran held = Receive(folder_ / "inbox");
  EXPECT_EQ(held.exit, 0) << held.err;
  EXPECT_EQ(held.Out()["received"], 0);
  EXPECT_EQ(held.Out()["held_back"], 1);
  EXPECT_THAT(held.err, HasSubstr("1 more at the broker, not delivered: past "
                                  "their last instant"));
  broker_.receive.alter = nullptr;
  const Ran got = Receive(folder_ / "inbox");
  EXPECT_EQ(got.Out()["held_back"], 0);
  EXPECT_EQ(got.err.find("more at the broker"), std::string::npos);
}

TEST_F(CommandsAtBrokerTest, OnlyASystemReceives) {
  const Ran ran = As(
      Chief(), {"receive", "--agreement", kPact, "--out", folder_ / "inbox"});
  EXPECT_EQ(ran.exit, 2);
}

TEST_F(CommandsAtBrokerTest, StatusComparesTheLedgerKey) {
  const Ran good = As(North(), {"status"});
  ASSERT_EQ(good.exit, 0) << good.err;
  EXPECT_EQ(good.Out()["broker"], kFakeBroker);
  EXPECT_EQ(good.Out()["ledger_key_matches"], true);
  EXPECT_EQ(good.Out()["certificate_days"], 299);
  EXPECT_EQ(good.Out()["agreements"][0]["agreement"], kPact);
  EXPECT_EQ(good.Out()["agreements"][0]["waiting_batches"], 0);
  broker_.get_status.alter = [](const auto&, auto* response) {
    response->set_ledger_key(std::string(32, 'x'));
  };
  const Ran bad = As(North(), {"status"});
  EXPECT_EQ(bad.exit, 6);
  EXPECT_EQ(bad.Out()["ledger_key_matches"], false);
}

TEST_F(CommandsAtBrokerTest, AnAgreementIsShownWithWhatProvesIt) {
  const Ran shown = As(North(), {"agreement", "show", kPact});
  ASSERT_EQ(shown.exit, 0) << shown.err;
  const json out = shown.Out();
  EXPECT_EQ(out["agreement"], kPact);
  EXPECT_EQ(out["state"], "active");
  EXPECT_EQ(out["verified"], true);
  EXPECT_THAT(out["signatures"], SizeIs(3));
  EXPECT_EQ(out["signatures"][0]["name"], "north-chief");
  EXPECT_THAT(out["missing"], IsEmpty());
  EXPECT_EQ(out["activation_entry"], 1);
  const Ran text = As(North(), {"agreement", "show", kPact, "--as", "json"});
  EXPECT_EQ(text.Out()["text"], broker_.document);
  EXPECT_EQ(As(North(), {"agreement", "show", kPact, "--as", "runes"}).exit, 2);
  EXPECT_EQ(As(North(), {"agreement", "show", "isa-none"}).exit, 3);
  broker_.envelopes.pop_back();
  const Ran lied = As(North(), {"agreement", "show", kPact});
  EXPECT_EQ(lied.exit, 6);
  EXPECT_EQ(lied.out, "");
}

TEST_F(CommandsAtBrokerTest, AgreementsAreListed) {
  const Ran listed = As(North(), {"agreement", "list"});
  ASSERT_EQ(listed.exit, 0) << listed.err;
  ASSERT_THAT(listed.Out()["agreements"], SizeIs(1));
  EXPECT_EQ(listed.Out()["agreements"][0]["title"], "Burglary series");
}

TEST_F(CommandsAtBrokerTest, ALineIsSignedOnlyForTheDigestMeant) {
  broker_.activated = false;
  broker_.envelopes.erase(broker_.envelopes.begin());
  const std::string digest = crypto::ToHex(crypto::Sha256(broker_.document));
  const auto sign = [&](const std::string& which) {
    return As(Chief(), {"agreement", "sign", kPact, "--digest", which});
  };
  const Ran other = sign(std::string(64, '0'));
  EXPECT_EQ(other.exit, 6);
  EXPECT_EQ(other.Error()["code"], "DIGEST_DIFFERS");
  EXPECT_EQ(As(Chief(), {"agreement", "sign", kPact}).exit, 2)
      << "nobody can be asked";
  EXPECT_THAT(broker_.sign.calls, IsEmpty());
  const Ran signed_one = sign(digest);
  ASSERT_EQ(signed_one.exit, 0) << signed_one.err;
  EXPECT_EQ(signed_one.Out()["state"], "signed");
  EXPECT_EQ(signed_one.Out()["digest"], digest);
  // What was sent fills north's line.
  ASSERT_THAT(broker_.sign.calls, SizeIs(1));
  const auto shown = As(North(), {"agreement", "show", kPact});
  EXPECT_EQ(shown.Out()["state"], "signed") << shown.err;
  EXPECT_THAT(shown.Out()["missing"], IsEmpty());
  EXPECT_EQ(shown.Out()["verified"], false);
  // "Active" alone is nobody's proof.
  broker_.envelopes.pop_back();
  broker_.sign.alter = [](const auto&, auto* response) {
    response->set_state("active");
  };
  EXPECT_EQ(sign(digest).exit, 6);
}

TEST_F(CommandsAtBrokerTest, KeysAreRequestedAndPublished) {
  const Ran asked = As(North(), {"keys", "request", "--days", "90", "--out",
                                 folder_ / "bundle.json"});
  ASSERT_EQ(asked.exit, 0) << asked.err;
  const Ran published =
      As(Chief(), {"keys", "publish", folder_ / "bundle.json"});
  ASSERT_EQ(published.exit, 0) << published.err;
  EXPECT_EQ(published.Out()["bundle_digest"], asked.Out()["bundle_digest"]);
  ASSERT_THAT(broker_.publish.calls, SizeIs(1));
  const auto envelope =
      *crypto::ParseEnvelope(broker_.publish.calls[0].envelope());
  EXPECT_TRUE(
      certs::VerifyKeyBundle(envelope, broker_.agency(kNorth).root_spki())
          .ok());
  EXPECT_THAT(folder_.Read("bundle.json"),
              HasSubstr(std::string(crypto::AsText(envelope.payload))));
  broker_.publish.alter = [](const auto&, auto* response) {
    response->mutable_receipt()->clear_proof();
  };
  EXPECT_EQ(As(Chief(), {"keys", "publish", folder_ / "bundle.json"}).exit, 6);
}

TEST_F(CommandsAtBrokerTest, AgenciesAreListed) {
  const Ran listed = As(North(), {"agency", "list"});
  ASSERT_EQ(listed.exit, 0) << listed.err;
  EXPECT_THAT(listed.Out()["agencies"], SizeIs(3));
  const Ran shown = As(North(), {"agency", "show", kWest});
  EXPECT_EQ(shown.exit, 0) << shown.err;
  EXPECT_EQ(shown.Out()["root"], broker_.agency(kWest).root_spki());
  EXPECT_NE(As(North(), {"agency", "show", "nobody"}).exit, 0);
}

TEST_F(CommandsAtBrokerTest, TheLedgerIsReadMirroredAndVerified) {
  ASSERT_EQ(Enrol(North(), "A1,n-1\n").exit, 0);
  const uint64_t size = broker_.ledger().tree().size();
  const Ran listed = As(North(), {"audit", "list", "--agreement", kPact});
  ASSERT_EQ(listed.exit, 0) << listed.err;
  const Ran shown = As(North(), {"audit", "show", "1", "--agreement", kPact});
  ASSERT_EQ(shown.exit, 0) << shown.err;
  EXPECT_THAT(shown.out, HasSubstr("agreement_activated"));
  const Ran mirrored = As(
      North(), {"audit", "mirror", folder_ / "mirror", "--agreement", kPact});
  ASSERT_EQ(mirrored.exit, 0) << mirrored.err;
  EXPECT_EQ(mirrored.Out()["size"], size);
  const Ran verified = As(
      North(), {"audit", "verify", folder_ / "mirror", "--agreement", kPact});
  ASSERT_EQ(verified.exit, 0) << verified.err << verified.out;
  EXPECT_EQ(verified.Out()["verified"], true);
  EXPECT_EQ(verified.Out()["size"], size);
  // The keeper forgets what it showed.
  broker_.ForkLedger();
  EXPECT_EQ(As(North(), {"audit", "list", "--agreement", kPact}).exit, 6);
  EXPECT_EQ(
      As(North(), {"audit", "mirror", folder_ / "mirror", "--agreement", kPact})
          .exit,
      6);
}

TEST_F(CommandsAtBrokerTest, ABrokerOfAnotherNameIsNotSpokenTo) {
  ProfileSettings settings = North().settings();
  settings.broker_name = "broker.other";
  const Profile other = *Profile::Create(folder_ / "other", settings);
  for (const char* file :
       {"broker-root.pem", "root.pem", "certificate.pem", "key.pem"}) {
    ASSERT_TRUE(
        other.Install(file, *ReadFile(North().Path(file), 1 << 16)).ok());
  }
  const Ran ran = As(other, {"status"});
  EXPECT_EQ(ran.exit, 7) << ran.err;
  EXPECT_THAT(broker_.get_status.calls, IsEmpty());
}

TEST_F(CommandsAtBrokerTest, ACertificateOutOfDateIsToldBeforeAnyCall) {
  const FakeHolder lapsed = broker_.agency(kNorth).Issue(
      "system", "old", broker_.now - absl::Hours(48),
      broker_.now - absl::Hours(24));
  const Profile profile =
      broker_.OtherProfile(kNorth, "old", ProfileRole::kSystem, lapsed);
  const Ran ran = As(profile, {"status"});
  EXPECT_EQ(ran.exit, 4);
  EXPECT_EQ(ran.Error()["code"], "CERTIFICATE_NOT_IN_DATE");
  EXPECT_THAT(broker_.get_status.calls, IsEmpty());
}

}  // namespace
}  // namespace entente::client
