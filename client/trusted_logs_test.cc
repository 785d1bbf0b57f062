#include "client/trusted_logs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "crypto/hex.h"
#include "crypto/signing.h"

namespace entente::client {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class TrustedLogsTest : public testing::Test {
 protected:
  std::string Vkey(absl::string_view name,
                   crypto::NoteKeyType type = crypto::NoteKeyType::kEd25519) {
    return crypto::NoteKey::Create(name, type, key_.public_key())->ToString();
  }
  std::string Base64() { return crypto::ToBase64(key_.public_key().bytes()); }
  std::string ErrorOf(absl::string_view text) {
    const auto logs = TrustedLogs::Parse(text);
    EXPECT_FALSE(logs.ok()) << text;
    return std::string(logs.status().message());
  }

  crypto::SigningKey key_ = *crypto::SigningKey::Generate();
};

TEST_F(TrustedLogsTest, ALogIsKnownByItsName) {
  const auto logs = TrustedLogs::Parse(
      absl::StrCat("# ours\n\nlog ", Vkey("log.example/1"), " # the first\n"));
  ASSERT_TRUE(logs.ok()) << logs.status();
  EXPECT_EQ(logs->size(), 1u);
  ASSERT_THAT(logs->KeysOf("log.example/1"), SizeIs(1));
  EXPECT_EQ(logs->KeysOf("log.example/1")[0].ToString(), Vkey("log.example/1"));
  EXPECT_THAT(logs->KeysOf("log.example/2"), IsEmpty());
  EXPECT_THAT(logs->KeysOf(""), IsEmpty());
}

TEST_F(TrustedLogsTest, ABrokerStandsForAllItsLedgers) {
  const auto logs =
      TrustedLogs::Parse(absl::StrCat("broker broker.example ", Base64()));
  ASSERT_TRUE(logs.ok()) << logs.status();
  for (const char* origin :
       {"broker.example/ledgers/broker", "broker.example/ledgers/isa-1.2"}) {
    ASSERT_THAT(logs->KeysOf(origin), SizeIs(1));
    EXPECT_EQ(logs->KeysOf(origin)[0].ToString(), Vkey(origin));
  }
  for (const char* origin : {"broker.example", "broker.example/other",
                             "xbroker.example/ledgers/isa-1"}) {
    EXPECT_THAT(logs->KeysOf(origin), IsEmpty()) << origin;
  }
}

TEST_F(TrustedLogsTest, ARenewedKeyStandsBesideTheOld) {
  const crypto::SigningKey next = *crypto::SigningKey::Generate();
  const auto logs = TrustedLogs::Parse(
      absl::StrCat("broker b.example ", Base64(), "\nbroker b.example ",
                   crypto::ToBase64(next.public_key().bytes())));
  ASSERT_TRUE(logs.ok()) << logs.status();
  EXPECT_THAT(logs->KeysOf("b.example/ledgers/isa-1"), SizeIs(2));
}

TEST_F(TrustedLogsTest, NamesTheLineAndWhatIsWrong) {
  EXPECT_THAT(ErrorOf("\nlogs x"), HasSubstr("2: expected: log"));
  EXPECT_THAT(ErrorOf("log"), HasSubstr("1: expected"));
  EXPECT_THAT(ErrorOf("log x y"), HasSubstr("1: expected"));
  EXPECT_THAT(ErrorOf("log x"), HasSubstr("1: "));
  EXPECT_THAT(
      ErrorOf(absl::StrCat(
          "log ", Vkey("w.example", crypto::NoteKeyType::kCosignature))),
      HasSubstr("not a log's key"));
  EXPECT_THAT(ErrorOf("broker b.example"), HasSubstr("1: expected"));
  EXPECT_THAT(ErrorOf("broker b.example !"), HasSubstr("1: "));
  EXPECT_THAT(ErrorOf("broker b.example QUJD"), HasSubstr("1: "));
  EXPECT_THAT(ErrorOf(absl::StrCat("broker b+c ", Base64())), HasSubstr("1: "));
  EXPECT_THAT(ErrorOf(std::string(kMaxTrustedLogsBytes + 1, '#')),
              HasSubstr("1 MiB"));
}

}  // namespace
}  // namespace entente::client
