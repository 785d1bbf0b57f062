#include "broker/key_file.h"

#include <sys/stat.h>

#include "broker/durable_file.h"
#include "broker/test_folder.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

// The least that Argon2id takes.
constexpr PassphraseCost kCheap = {1, 8192};

crypto::Secret Text(std::string text) {
  return *crypto::Secret::TakeFrom(
      {reinterpret_cast<uint8_t*>(text.data()), text.size()});
}

class KeyFileTest : public testing::Test {
 protected:
  absl::StatusOr<WrappingKey> Open(const std::string& passphrase) {
    return KeyFile::Open(path_, Text(passphrase));
  }
  WrappingKey Create() {
    return *KeyFile::Create(path_, Text("correct horse"), kCheap);
  }
  TestFolder folder_;
  const std::string path_ = folder_ / "key";
};

TEST_F(KeyFileTest, OpensWhatTheMadeKeySealed) {
  const crypto::Bytes plain = {1, 2, 3};
  const crypto::Bytes sealed = Create().Seal("row", plain);
  EXPECT_EQ(sealed.size(), plain.size() + 40);
  EXPECT_TRUE(CheckPrivate(path_).ok());
  const auto key = Open("correct horse");
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->Unseal("row", sealed)->Expose(), absl::MakeConstSpan(plain));
}

TEST_F(KeyFileTest, SealsTheSameDifferentlyEachTime) {
  const WrappingKey key = Create();
  const crypto::Bytes plain(32);
  EXPECT_NE(key.Seal("row", plain), key.Seal("row", plain));
}

TEST_F(KeyFileTest, NeverReplacesAKey) {
  Create();
  EXPECT_EQ(
      KeyFile::Create(path_, Text("other horses"), kCheap).status().code(),
      absl::StatusCode::kAlreadyExists);
  EXPECT_TRUE(Open("correct horse").ok());
}

TEST_F(KeyFileTest, SaysThatThePassphraseIsWrong) {
  Create();
  for (const char* wrong :
       {"correct horsf", "correct hors", "correct horse "}) {
    const absl::Status status = Open(wrong).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
    EXPECT_EQ(status.message().find(wrong), absl::string_view::npos);
  }
}

TEST_F(KeyFileTest, RefusesEveryAlteredBit) {
  Create();
  const std::string whole = *ReadFile(path_, 4096);
  for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
    // A larger cost would be paid before it is found out.
    const size_t byte = bit / 8;
    if (byte >= 20 && byte < 36) continue;
    std::string altered = whole;
    altered[byte] = static_cast<char>(altered[byte] ^ (1 << bit % 8));
    ASSERT_TRUE(WriteDurably(path_, altered).ok());
    const absl::StatusCode code = Open("correct horse").status().code();
    EXPECT_EQ(code, byte < 20 ? absl::StatusCode::kDataLoss
                              : absl::StatusCode::kPermissionDenied)
        << bit;
  }
}

TEST_F(KeyFileTest, RefusesAnAlteredOrUnpayableCost) {
  Create();
  const std::string whole = *ReadFile(path_, 4096);
  const auto with = [&](size_t byte, char value) {
    std::string altered = whole;
    altered[byte] = value;
    EXPECT_TRUE(WriteDurably(path_, altered).ok());
    return Open("correct horse").status().code();
  };
  EXPECT_EQ(with(27, 2), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(with(27, 0), absl::StatusCode::kDataLoss);
  EXPECT_EQ(with(27, 17), absl::StatusCode::kDataLoss);
  EXPECT_EQ(with(20, 1), absl::StatusCode::kDataLoss);
  EXPECT_EQ(with(31, 1), absl::StatusCode::kDataLoss);
  EXPECT_EQ(with(34, 0), absl::StatusCode::kDataLoss);
}

TEST_F(KeyFileTest, RefusesOtherFiles) {
  EXPECT_EQ(Open("correct horse").status().code(), absl::StatusCode::kNotFound);
  Create();
  const std::string whole = *ReadFile(path_, 4096);
  for (const std::string& content :
       {std::string(), whole.substr(0, whole.size() - 1), whole + "x"}) {
    ASSERT_TRUE(WriteDurably(path_, content).ok());
    EXPECT_EQ(Open("correct horse").status().code(),
              absl::StatusCode::kDataLoss);
  }
  ASSERT_TRUE(WriteDurably(path_, whole).ok());
  ASSERT_EQ(chmod(path_.c_str(), 0640), 0);
  EXPECT_EQ(Open("correct horse").status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(KeyFileTest, OpensNoRowThatWasAlteredMovedOrForeign) {
  const WrappingKey key = Create();
  const crypto::Bytes sealed = key.Seal("master/1/a", crypto::Bytes(32, 5));
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    crypto::Bytes altered = sealed;
    altered[bit / 8] ^= 1 << bit % 8;
    EXPECT_EQ(key.Unseal("master/1/a", altered).status().code(),
              absl::StatusCode::kDataLoss);
  }
  EXPECT_EQ(key.Unseal("master/1/b", sealed).status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(key.Unseal("master/1/a", absl::MakeConstSpan(sealed).first(39))
                .status()
                .code(),
            absl::StatusCode::kDataLoss);
  const WrappingKey other =
      *KeyFile::Create(folder_ / "other", Text("correct horse"), kCheap);
  EXPECT_EQ(other.Unseal("master/1/a", sealed).status().code(),
            absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace entente::broker
