// What somebody with root on the broker may try, and who notices.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/tampering/root.h"
#include "tests/world/agreed_pair.h"

namespace entente::tampering {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using world::kAgreement;
using world::kInspector;
using world::kLeft;
using world::kRight;

using Lines = std::vector<std::string>;

// Two agencies that have agreed, enrolled and exchanged; an auditor of one of
// them and the inspectorate have mirrored. The sender's flow has no quota of a
// day, so that the broker may be put back.
class Tampering : public world::AgreedPair {
 protected:
  void SetUp() override {
    AgreedPair::SetUp();
    Enrol(Left());
    Enrol(Right());
    Send();
    Receive(2);
  }
  std::string Content() const override {
    return absl::StrReplaceAll(world::kPairContent,
                               {{"requests_per_day: 1000, ", ""}});
  }

  Root root() {
    return Root(world_.Path("operator/data"),
                world_.Path("operator/passphrase"));
  }
  void Ok(const absl::Status& status) { ASSERT_TRUE(status.ok()) << status; }
  void Stop() { EXPECT_EQ(world_.broker->Stop(), 0); }
  void Start() { Ok(world_.StartBroker(world_.address)); }

  std::string Auditor() { return world_.Profile(kLeft, "auditor"); }
  std::string Inspector() { return world_.Profile(kInspector, "auditor"); }
  json Mirror(const std::string& profile, const std::string& folder,
              int exit = 0) {
    return Run(
        profile,
        {"audit", "mirror", world_.Path(folder), "--agreement", kAgreement},
        exit);
  }
  void Receive(int records) {
    const json got = Run(Right(), {"receive", "--agreement", kAgreement,
                                   "--out", world_.Path("inbox")});
    EXPECT_EQ(got.value("received", 0), records) << got.dump();
  }
  // What a command said, which must end with `exit`.
  std::string Said(const std::string& profile, Lines words, int exit) {
    words.insert(words.end(), {"-o", "json"});
    const auto ended = world_.RunEntente(profile, words);
    EXPECT_TRUE(ended.ok()) << ended.status();
    if (!ended.ok()) return "";
    EXPECT_EQ(ended->exit_code, exit) << ended->out << ended->err;
    return ended->out + ended->err;
  }
  // Ends with 6, also if the broker itself says that it has less than was
  // shown.
  void ExpectAlarm(const std::string& profile, Lines words) {
    words.insert(words.end(), {"-o", "json"});
    const auto ended = world_.RunEntente(profile, words);
    ASSERT_TRUE(ended.ok()) << ended.status();
    EXPECT_EQ(ended->exit_code, 6) << ended->err;
  }
  // What mirroring, reading and sending meet with when the ledger is not what
  // they have verified.
  void ExpectEveryoneNotices() {
    ExpectAlarm(Auditor(), {"audit", "mirror", world_.Path("mirror"),
                            "--agreement", kAgreement});
    ExpectAlarm(Left(), {"audit", "list", "--agreement", kAgreement});
    ExpectAlarm(Left(), {"send", "--agreement", kAgreement, "--flow", "persons",
                         "--purpose", world::kPurpose, "--again",
                         world_.Path("rows.csv")});
    EXPECT_EQ(Run("", {"audit", "verify", world_.Path("mirror")})
                  .value("verified", false),
              true)
        << "what was mirrored stands";
  }
  std::string Listed(const std::string& profile, int exit) {
    return Said(profile, {"audit", "list", "--agreement", kAgreement}, exit);
  }
  std::string Compared(const std::string& mine, const std::string& other,
                       int exit) {
    return Said(
        "",
        {"audit", "verify", world_.Path(mine), "--against", world_.Path(other)},
        exit);
  }

  // Without the key: rows changed in the database.
  struct Change {
    const char* what;
    const char* sql;
  };
  // With the key: all of the ledger made anew.
  struct Forgery {
    const char* what;
    std::function<void(Lines&)> forge;
  };
};

// Detected by the broker itself, at start: it serves the ledger to nobody.
TEST_F(Tampering, RowsChangedInTheDatabaseAreFoundAtStart) {
  const Change changes[] = {
      {"edited",
       "UPDATE entries SET content = CAST(replace(CAST(content AS TEXT), "
       "'burglary', 'homicide') AS BLOB)"
       " WHERE ledger = '$' AND position = 0;"},
      {"edited in its place, with the same length",
       "UPDATE entries SET content = CAST(replace(CAST(content AS TEXT), "
       "'\"outcome\":\"allow\"', '\"outcome\":\"denyd\"') AS BLOB)"
       " WHERE ledger = '$' AND position = 1;"},
      {"deleted from the middle",
       "DELETE FROM entries WHERE ledger = '$' AND position = 2;"},
      {"truncated",
       "DELETE FROM entries WHERE ledger = '$' AND position = (SELECT "
       "max(position) FROM entries WHERE ledger = '$');"
       "UPDATE ledgers SET size = size - 1, signed_size = signed_size - 1 "
       "WHERE id = '$';"},
      {"reordered",
       "UPDATE entries SET position = -1 WHERE ledger = '$' AND position = 1;"
       "UPDATE entries SET position = 1 WHERE ledger = '$' AND position = 2;"
       "UPDATE entries SET position = 2 WHERE ledger = '$' AND position = -1;"},
      {"a tile altered",
       "UPDATE tiles SET hashes = zeroblob(length(hashes)) WHERE ledger = '$'"
       " AND level = 0;"}};
  Stop();
  Ok(root().Save(world_.Path("good")));
  for (const Change& change : changes) {
    SCOPED_TRACE(change.what);
    Ok(root().Sql(absl::StrReplaceAll(change.sql, {{"$", kAgreement}})));
    Start();
    EXPECT_THAT(Listed(Left(), 7), AllOf(HasSubstr("LEDGER_REFUSED"),
                                         HasSubstr("entente-broker restore")));
    // By one who keeps nothing: what is put back below is another history.
    EXPECT_EQ(Run(Auditor(), {"audit", "list"}).value("schema", 0), 1)
        << "the other ledger is";
    Stop();
    Ok(root().PutBack(world_.Path("good")));
  }
  Start();
  Listed(Left(), 0);
}

// Detected by everyone who holds an earlier checkpoint: mirrors, and the
// clients of both agencies in their next call.
TEST_F(Tampering, ALedgerRebuiltAndSignedAnewContradictsWhatWasShown) {
  const Forgery forgeries[] = {
      {"edited",
       [](Lines& lines) {
         lines[2] =
             absl::StrReplaceAll(lines[2], {{world::kLeft, "eastmere-police"}});
       }},
      {"deleted", [](Lines& lines) { lines.erase(lines.begin() + 2); }},
      // Below what anybody was shown: the last entries are about reading it.
      {"truncated", [](Lines& lines) { lines.resize(lines.size() - 5); }},
      {"reordered", [](Lines& lines) { std::swap(lines[1], lines[2]); }},
      {"deleted and filled up", [](Lines& lines) {
         lines.erase(lines.begin() + 2);
         lines.push_back(lines.back());
         lines.push_back(lines.back());
       }}};
  Mirror(Auditor(), "mirror");
  Listed(Left(), 0);
  Stop();
  Ok(root().Save(world_.Path("good")));
  const auto lines = root().Lines(kAgreement);
  Ok(lines.status());
  for (const Forgery& forgery : forgeries) {
    SCOPED_TRACE(forgery.what);
    Lines forged = *lines;
    forgery.forge(forged);
    Ok(root().Forge(kAgreement, forged));
    Start();
    Mirror(Inspector(), forgery.what);
    EXPECT_EQ(Run(Inspector(), {"audit", "verify", world_.Path(forgery.what)})
                  .value("verified", false),
              true)
        << "whoever has seen nothing finds nothing in the ledger alone";
    ExpectEveryoneNotices();
    Stop();
    Ok(root().PutBack(world_.Path("good")));
  }
  Start();
  Listed(Left(), 0);
}

TEST_F(Tampering, AnOldDatabaseIsFoundByTheBrokerAndWithOldAnchorsByTheOthers) {
  Stop();
  Ok(root().Save(world_.Path("old")));
  Start();
  Send();
  Mirror(Auditor(), "mirror");
  Stop();
  Ok(root().Save(world_.Path("new")));

  // The anchors outside the database are newer than it.
  Ok(root().PutBackDatabase(world_.Path("old")));
  world_.StartBroker(world_.address).IgnoreError();
  EXPECT_THAT(world_.broker->Said(), HasSubstr("old copy"));
  world_.broker->End(SIGKILL);

  // They were put back too.
  Ok(root().PutBack(world_.Path("old")));
  Start();
  ExpectEveryoneNotices();
  Stop();
  Ok(root().PutBack(world_.Path("new")));
  Start();
  Mirror(Auditor(), "mirror");
  Receive(2);
}

// Each of two auditors is shown a history that goes on without a break. What
// one of them kept proves the other's to be another.
TEST_F(Tampering, AForkBetweenTwoAuditorsIsProvedByWhatEitherKept) {
  Mirror(Auditor(), "first");
  Mirror(Inspector(), "second");
  EXPECT_THAT(Compared("first", "second", 0), HasSubstr("\"compared\""));
  Stop();
  Ok(root().Save(world_.Path("before")));
  const auto lines = root().Lines(kAgreement);
  Ok(lines.status());
  Lines forged = *lines;
  // Both have seen what was there; from here on they are told different things.
  forged.push_back(
      absl::StrReplaceAll(lines->back(), {{world::kRight, world::kLeft}}));
  Ok(root().Forge(kAgreement, forged));
  Start();
  Mirror(Auditor(), "first");
  Stop();
  Ok(root().PutBack(world_.Path("before")));
  Start();
  Send();
  Mirror(Inspector(), "second");
  for (const char* folder : {"first", "second"}) {
    Said("", {"audit", "verify", world_.Path(folder)}, 0);
  }
  EXPECT_THAT(Compared("first", "second", 6), HasSubstr("TWO_HISTORIES"));
  EXPECT_THAT(Compared("second", "first", 6), HasSubstr("TWO_HISTORIES"));
  EXPECT_THAT(Compared("first", "second/checkpoint", 6),
              HasSubstr("TWO_HISTORIES"));
  Run(Inspector(), {"audit", "prove", "0", "--mirror", world_.Path("second"),
                    "--out", world_.Path("shown")});
  EXPECT_THAT(Compared("first", "shown.tlog-proof", 6),
              HasSubstr("TWO_HISTORIES"));
}

// The broker's own ledger names the heads of all others; whoever mirrors it
// need not have seen the ledger itself before.
TEST_F(Tampering, ALedgerPutBackContradictsTheBrokersOwn) {
  Stop();
  Start();
  Run(Auditor(), {"audit", "mirror", world_.Path("own")});
  Stop();
  const auto lines = root().Lines(kAgreement);
  Ok(lines.status());
  Lines forged = *lines;
  std::swap(forged[1], forged[2]);
  Ok(root().Forge(kAgreement, forged));
  Start();
  Mirror(Inspector(), "late");
  EXPECT_THAT(Compared("late", "own", 6), HasSubstr("TWO_HISTORIES"));
}

TEST_F(Tampering, ALedgerThatVanishedIsMissed) {
  Run(Auditor(), {"audit", "mirror", world_.Path("own")});
  Mirror(Auditor(), "mirror");
  Stop();
  Ok(root().Sql(absl::StrReplaceAll(
      "DELETE FROM tiles WHERE ledger = '$'; DELETE FROM entries WHERE "
      "ledger = '$'; DELETE FROM ledgers WHERE id = '$';",
      {{"$", kAgreement}})));
  world_.StartBroker(world_.address).IgnoreError();
  const auto listed = world_.RunEntente(
      Left(), {"audit", "list", "--agreement", kAgreement, "-o", "json"});
  Ok(listed.status());
  EXPECT_NE(listed->exit_code, 0);
  EXPECT_THAT(world_.broker->Said(), HasSubstr("does not have it"));
}

}  // namespace
}  // namespace entente::tampering
