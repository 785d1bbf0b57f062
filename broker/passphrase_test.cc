#include "broker/passphrase.h"

#include <sys/stat.h>
#include <unistd.h>

#include "broker/durable_file.h"
#include "broker/test_folder.h"
#include "crypto/hex.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

class PassphraseTest : public testing::Test {
 protected:
  absl::StatusOr<crypto::Secret> Read(const std::string& content) {
    EXPECT_TRUE(WriteDurably(folder_ / "p", content).ok());
    return ReadPassphraseFile(folder_ / "p");
  }
  TestFolder folder_;
};

TEST_F(PassphraseTest, DropsOneLineFeedOnly) {
  EXPECT_EQ(crypto::AsText(Read("correct horse")->Expose()), "correct horse");
  EXPECT_EQ(crypto::AsText(Read("correct horse\n")->Expose()), "correct horse");
  EXPECT_EQ(crypto::AsText(Read("correct horse\n\n")->Expose()),
            "correct horse\n");
}

TEST_F(PassphraseTest, RefusesTooShortAndTooLong) {
  EXPECT_TRUE(Read(std::string(kMinPassphraseBytes, 'x')).ok());
  EXPECT_TRUE(Read(std::string(kMaxPassphraseBytes, 'x') + "\n").ok());
  for (const size_t size :
       {size_t{0}, kMinPassphraseBytes - 1, kMaxPassphraseBytes + 1,
        kMaxPassphraseBytes + 2, size_t{100'000}}) {
    EXPECT_EQ(Read(std::string(size, 'x')).status().code(),
              absl::StatusCode::kInvalidArgument)
        << size;
  }
}

TEST_F(PassphraseTest, RefusesAFileThatOthersMayRead) {
  ASSERT_TRUE(Read("correct horse").ok());
  ASSERT_EQ(chmod((folder_ / "p").c_str(), 0644), 0);
  EXPECT_EQ(ReadPassphraseFile(folder_ / "p").status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReadPassphraseFile(folder_ / "none").status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(PassphraseTest, ReadsAPipeToItsEnd) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "correct ", 8), 8);
  ASSERT_EQ(write(ends[1], "horse\n", 6), 6);
  close(ends[1]);
  EXPECT_EQ(crypto::AsText(ReadPassphraseFrom(ends[0])->Expose()),
            "correct horse");
  close(ends[0]);
  EXPECT_FALSE(ReadPassphraseFrom(ends[0]).ok());
}

}  // namespace
}  // namespace entente::broker
