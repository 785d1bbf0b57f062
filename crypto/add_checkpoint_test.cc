#include "crypto/add_checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "crypto/worked_log.h"

namespace entente::crypto {
namespace {

using absl::StatusCode;

std::string Base64Of(uint8_t byte) {
  Hash hash;
  hash.fill(byte);
  return ToBase64(hash);
}

AddCheckpoint Worked() {
  AddCheckpoint request;
  request.old_size = 700;
  request.proof.resize(2);
  request.proof[0].fill(1);
  request.proof[1].fill(2);
  request.checkpoint = ReadLogFile("log/checkpoint");
  return request;
}

StatusCode CodeOfBody(absl::string_view body) {
  return ParseAddCheckpoint(body).status().code();
}

TEST(AddCheckpoint, IsWrittenAsTheSpecificationSays) {
  const AddCheckpoint request = Worked();
  EXPECT_EQ(FormatAddCheckpoint(request),
            absl::StrCat("old 700\n", Base64Of(1), "\n", Base64Of(2), "\n\n",
                         request.checkpoint));
  EXPECT_EQ(FormatAddCheckpoint({0, {}, request.checkpoint}),
            absl::StrCat("old 0\n\n", request.checkpoint));
}

TEST(AddCheckpoint, IsReadAsItWasWritten) {
  AddCheckpoint request = Worked();
  EXPECT_EQ(*ParseAddCheckpoint(FormatAddCheckpoint(request)), request);
  request.proof.clear();
  EXPECT_EQ(*ParseAddCheckpoint(FormatAddCheckpoint(request)), request);
  request.proof.resize(kMaxWitnessHashes);
  EXPECT_EQ(*ParseAddCheckpoint(FormatAddCheckpoint(request)), request);
}

TEST(AddCheckpoint, RefusesMoreHashesThanAProofCanHave) {
  AddCheckpoint request = Worked();
  request.proof.resize(kMaxWitnessHashes + 1);
  EXPECT_EQ(CodeOfBody(FormatAddCheckpoint(request)),
            StatusCode::kInvalidArgument);
}

TEST(AddCheckpoint, RefusesSizesThatAreNotPlainNumbers) {
  for (const char* size : {"", " 1", "+1", "-1", "01", "1 ", "1\r", "x",
                           "18446744073709551616", "0x1"}) {
    const std::string body =
        absl::StrCat("old ", size, "\n\n", Worked().checkpoint);
    EXPECT_EQ(CodeOfBody(body), StatusCode::kInvalidArgument) << size;
  }
  EXPECT_EQ(ParseAddCheckpoint(absl::StrCat("old 18446744073709551615\n\n",
                                            Worked().checkpoint))
                ->old_size,
            UINT64_MAX);
}

TEST(AddCheckpoint, RefusesWhatIsNoRequest) {
  const std::string good = FormatAddCheckpoint(Worked());
  const std::string hash = Base64Of(1);
  for (const std::string& bad :
       {std::string(), std::string("old 1"), std::string("old 1\n"),
        absl::StrCat("old 1\n", hash), absl::StrCat("old 1\n", hash, "\n"),
        std::string("old 1\n\n"), absl::StrReplaceAll(good, {{"old", "Old"}}),
        absl::StrReplaceAll(good, {{"old ", "old"}}),
        absl::StrReplaceAll(good, {{hash, hash.substr(1)}}),
        absl::StrReplaceAll(good, {{hash, absl::StrCat(" ", hash)}}),
        absl::StrReplaceAll(good, {{hash, absl::StrCat(hash, "\r")}}),
        absl::StrReplaceAll(good, {{hash, hash.substr(0, 40)}}),
        absl::StrReplaceAll(good, {{"\n\n", "\n"}})}) {
    EXPECT_EQ(CodeOfBody(bad), StatusCode::kInvalidArgument) << bad;
  }
}

TEST(AddCheckpoint, RefusesWhatIsTooLong) {
  EXPECT_EQ(CodeOfBody(std::string(kMaxAddCheckpointBytes + 1, 'a')),
            StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace entente::crypto
