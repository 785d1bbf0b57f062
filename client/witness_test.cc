#include "client/witness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/error.h"
#include "client/test_folder.h"
#include "client/test_witnessed_log.h"
#include "crypto/cosignature.h"

namespace entente::client {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class WitnessTest : public testing::Test {
 protected:
  WitnessTest() {
    EXPECT_TRUE(Witness::Create(Folder(), "witness.example/w1").ok());
    folder_.Write("w/logs", absl::StrCat("log ", log_.vkey(), "\n"));
    Reopen();
    log_.Grow(20);
  }

  std::string Folder() const { return folder_ / "w"; }
  void Reopen() {
    witness_.reset();
    auto opened = Witness::Open(Folder());
    ASSERT_TRUE(opened.ok()) << opened.status();
    witness_ = *std::move(opened);
  }
  WitnessAnswer Ask(uint64_t old_size, uint64_t size) {
    return witness_->AddCheckpoint(log_.Request(old_size, size), now_);
  }
  // What the witness says it cosigned last; 0 if it refuses to say.
  uint64_t Last() {
    const WitnessAnswer answer = Ask(0, 20);
    return answer.status == 409 ? std::stoull(answer.body) : 0;
  }

  TestFolder folder_;
  WitnessedLog log_{"log.example/1"};
  std::unique_ptr<Witness> witness_;
  absl::Time now_ = absl::FromUnixSeconds(1'790'000'000);
};

TEST_F(WitnessTest, CosignsWhatGrowsAndKeepsIt) {
  for (const auto& [from, to] : {std::pair(0, 5), std::pair(5, 5),
                                 std::pair(5, 16), std::pair(16, 20)}) {
    const WitnessAnswer answer =
        Ask(static_cast<uint64_t>(from), static_cast<uint64_t>(to));
    ASSERT_EQ(answer.status, 200) << answer.body;
    crypto::Note note =
        *crypto::ParseNote(log_.Checkpoint(static_cast<uint64_t>(to)));
    const crypto::Note line =
        *crypto::ParseNote(absl::StrCat(note.text, "\n", answer.body));
    ASSERT_THAT(line.signatures, SizeIs(1));
    const auto cosigned =
        crypto::VerifyCosignatures(line, {&witness_->key(), 1});
    ASSERT_TRUE(cosigned.ok()) << cosigned.status();
    ASSERT_THAT(*cosigned, SizeIs(1));
    EXPECT_EQ((*cosigned)[0].witness, "witness.example/w1");
    EXPECT_EQ((*cosigned)[0].time, now_);
    Reopen();
    EXPECT_EQ(Last(), static_cast<uint64_t>(to));
  }
}

TEST_F(WitnessTest, TellsItsSizeToWhoBelievesAnother) {
  ASSERT_EQ(Ask(0, 7).status, 200);
  const WitnessAnswer stale = Ask(3, 9);
  EXPECT_EQ(stale.status, 409);
  EXPECT_EQ(stale.content_type, "text/x.tlog.size");
  EXPECT_EQ(stale.body, "7\n");
  EXPECT_EQ(Ask(0, 9).status, 409);
  EXPECT_EQ(Ask(7, 9).status, 200);
}

TEST_F(WitnessTest, SignsNoOtherHistory) {
  ASSERT_EQ(Ask(0, 7).status, 200);
  WitnessedLog other("log.example/1", log_);
  other.Grow(20, "other");
  EXPECT_EQ(witness_->AddCheckpoint(other.Request(7, 12), now_).status, 422);
  EXPECT_EQ(witness_->AddCheckpoint(other.Request(7, 7), now_).status, 422);
  // Nor a smaller one, whatever is claimed.
  EXPECT_EQ(Ask(7, 5).status, 400);
  EXPECT_EQ(witness_->AddCheckpoint(log_.Request(0, 7), now_).status, 409);
  EXPECT_EQ(Last(), 7u);
}

TEST_F(WitnessTest, RefusesProofsThatDoNotFit) {
  crypto::AddCheckpoint request =
      *crypto::ParseAddCheckpoint(log_.Request(0, 7));
  request.proof.resize(1);
  EXPECT_EQ(witness_->AddCheckpoint(FormatAddCheckpoint(request), now_).status,
            422);
  ASSERT_EQ(Ask(0, 7).status, 200);
  for (size_t byte = 0; byte < 32; ++byte) {
    request = *crypto::ParseAddCheckpoint(log_.Request(7, 20));
    request.proof[0][byte] ^= 1;
    EXPECT_EQ(
        witness_->AddCheckpoint(FormatAddCheckpoint(request), now_).status, 422)
        << byte;
  }
  request = *crypto::ParseAddCheckpoint(log_.Request(7, 20));
  request.proof.pop_back();
  EXPECT_EQ(witness_->AddCheckpoint(FormatAddCheckpoint(request), now_).status,
            422);
}

TEST_F(WitnessTest, AnEmptyTreeHasOneRoot) {
  EXPECT_EQ(Ask(0, 0).status, 200);
  const std::string text = absl::StrCat("log.example/1\n0\n",
                                        crypto::ToBase64(crypto::Hash()), "\n");
  const std::string note = *crypto::SignNote(text, "log.example/1", log_.key());
  EXPECT_EQ(
      witness_->AddCheckpoint(absl::StrCat("old 0\n\n", note), now_).status,
      422);
}

TEST_F(WitnessTest, RefusesUnknownLogsAndBadSignatures) {
  WitnessedLog stranger("log.example/2");
  stranger.Grow(3);
  EXPECT_EQ(witness_->AddCheckpoint(stranger.Request(0, 3), now_).status, 404);
  WitnessedLog impostor("log.example/1");
  impostor.Grow(3);
  EXPECT_EQ(witness_->AddCheckpoint(impostor.Request(0, 3), now_).status, 403);
  EXPECT_EQ(witness_->AddCheckpoint("old x\n\n", now_).status, 400);
  const std::string text =
      *crypto::SignNote("hello\n", "log.example/1", log_.key());
  EXPECT_EQ(
      witness_->AddCheckpoint(absl::StrCat("old 0\n\n", text), now_).status,
      400);
  EXPECT_EQ(Last(), 0u);
}

TEST_F(WitnessTest, SignsNothingThatItCannotKeep) {
  ASSERT_EQ(Ask(0, 5).status, 200);
  std::filesystem::remove_all(folder_ / "w/seen");
  folder_.Write("w/seen", "no folder");
  const WitnessAnswer lost = Ask(5, 9);
  EXPECT_EQ(lost.status, 500);
  EXPECT_EQ(lost.body.find("witness.example"), std::string::npos);
}

TEST_F(WitnessTest, TrustsNoMemoryThatIsNotItsOwn) {
  ASSERT_EQ(Ask(0, 5).status, 200);
  const auto file =
      std::filesystem::directory_iterator(folder_ / "w/seen")->path();
  const std::string name = absl::StrCat("w/seen/", file.filename().string());
  const std::string kept = folder_.Read(name);
  for (const std::string& altered :
       {log_.Checkpoint(3), absl::StrReplaceAll(kept, {{"\n5\n", "\n4\n"}}),
        std::string("nothing")}) {
    folder_.Write(name, altered);
    EXPECT_EQ(Ask(5, 9).status, 500) << altered;
  }
  folder_.Write(name, kept);
  EXPECT_EQ(Ask(5, 9).status, 200);
}

TEST_F(WitnessTest, ItsClockDoesNotGoBack) {
  ASSERT_EQ(Ask(0, 5).status, 200);
  const absl::Time first = now_;
  now_ -= absl::Hours(1);
  const WitnessAnswer answer = Ask(5, 9);
  ASSERT_EQ(answer.status, 200);
  const crypto::Note line = *crypto::ParseNote(absl::StrCat(
      crypto::ParseNote(log_.Checkpoint(9))->text, "\n", answer.body));
  EXPECT_EQ(
      crypto::VerifyCosignatures(line, {&witness_->key(), 1})->front().time,
      first);
}

TEST_F(WitnessTest, ShowsItsLastCheckpointToMonitors) {
  const std::string hash = crypto::ToHex(crypto::Sha256("log.example/1"));
  EXPECT_EQ(witness_->Latest(hash).status, 404);
  ASSERT_EQ(Ask(0, 5).status, 200);
  const WitnessAnswer shown = witness_->Latest(hash);
  ASSERT_EQ(shown.status, 200);
  const crypto::Note note = *crypto::ParseNote(shown.body);
  EXPECT_EQ(note.text, crypto::ParseNote(log_.Checkpoint(5))->text);
  EXPECT_THAT(note.signatures, SizeIs(2));
  for (const char* bad : {"", "../key", "ABCD"}) {
    EXPECT_EQ(witness_->Latest(bad).status, 404) << bad;
  }
}

TEST_F(WitnessTest, ItsFolderIsCheckedWhenItOpens) {
  EXPECT_TRUE(absl::IsAlreadyExists(
      Witness::Create(Folder(), "witness.example/w2").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(
      Witness::Create(folder_ / "x", "no name").status()));
  EXPECT_EQ(FromStatus(Witness::Open(folder_ / "none").status()).code,
            "NOT_FOUND");
  EXPECT_TRUE(absl::IsUnavailable(Witness::Open(Folder()).status()));
  EXPECT_TRUE(Witness::Describe(Folder()).ok());
  EXPECT_EQ(folder_.Mode("w/key"), 0600u);
  witness_.reset();
  folder_.Write("w/logs", "log x\n");
  EXPECT_THAT(std::string(Witness::Open(Folder()).status().message()),
              HasSubstr("/logs:1: "));
  folder_.Write("w/logs", "");
  std::filesystem::permissions(folder_ / "w/key", std::filesystem::perms(0644));
  EXPECT_TRUE(absl::IsFailedPrecondition(Witness::Open(Folder()).status()));
  std::filesystem::permissions(folder_ / "w/key", std::filesystem::perms(0600));
  ASSERT_TRUE(Witness::Create(folder_ / "other", "witness.example/w1").ok());
  folder_.Write("w/witness.vkey", folder_.Read("other/witness.vkey"));
  EXPECT_TRUE(absl::IsDataLoss(Witness::Open(Folder()).status()));
}

}  // namespace
}  // namespace entente::client
