#include "crypto/sha.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "crypto/hex.h"

namespace entente::crypto {
namespace {

// FIPS 180-4 example values.
constexpr char kSha256OfAbc[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr char kSha256OfNothing[] =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr char kSha512OfAbc[] =
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

TEST(ShaTest, ReadsItsOwnHexAndNothingElse) {
  EXPECT_EQ(*HashFromHex(kSha256OfAbc), Sha256("abc"));
  const std::string good = kSha256OfAbc;
  for (const std::string& bad : {std::string(), good.substr(2), good + "00",
                                 "g" + good.substr(1), "B" + good.substr(1)}) {
    EXPECT_EQ(HashFromHex(bad).status().code(),
              absl::StatusCode::kInvalidArgument)
        << bad;
  }
}

TEST(ShaTest, MatchesPublishedValues) {
  EXPECT_EQ(ToHex(Sha256("abc")), kSha256OfAbc);
  EXPECT_EQ(ToHex(Sha256("")), kSha256OfNothing);
  EXPECT_EQ(ToHex(Sha512(AsBytes("abc"))), kSha512OfAbc);
}

TEST(ShaTest, PiecesAndReuseGiveTheSameHash) {
  Sha256Hasher short_hasher;
  Sha512Hasher long_hasher;
  for (int round = 0; round < 2; ++round) {
    short_hasher.Update("a").Update("").Update("bc");
    EXPECT_EQ(ToHex(short_hasher.Finish()), kSha256OfAbc);
    long_hasher.Update("ab").Update(AsBytes("c"));
    EXPECT_EQ(ToHex(long_hasher.Finish()), kSha512OfAbc);
  }
  EXPECT_EQ(ToHex(short_hasher.Finish()), kSha256OfNothing);
}

TEST(ShaTest, CopyOfAHasherForksTheMessage) {
  Sha512Hasher hasher;
  hasher.Update("a");
  Sha512Hasher fork = hasher;
  hasher.Update("x");
  EXPECT_EQ(ToHex(fork.Update("bc").Finish()), kSha512OfAbc);
}

TEST(ShaTest, ThreadsDoNotDisturbEachOther) {
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  for (int& count : wrong) {
    threads.emplace_back([&count] {
      for (int i = 0; i < 1000; ++i) {
        if (ToHex(Sha256("abc")) != kSha256OfAbc) ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST(HmacTest, Sha256MatchesWycheproof) {
  std::ifstream file(std::string(ENTENTE_VECTORS) +
                     "/wycheproof_hmac_sha256_test.json");
  const nlohmann::json vectors = nlohmann::json::parse(file);
  int checked = 0;
  for (const nlohmann::json& group : vectors["testGroups"]) {
    for (const nlohmann::json& test : group["tests"]) {
      const Hash mac = HmacSha256(*FromHex(test["key"].get<std::string>()),
                                  *FromHex(test["msg"].get<std::string>()));
      const std::string tag = test["tag"];
      EXPECT_EQ(ToHex(mac).substr(0, tag.size()) == tag,
                test["result"] == "valid")
          << test["tcId"];
      ++checked;
    }
  }
  EXPECT_GT(checked, 100);
}

TEST(HmacTest, TakesAnEmptyKeyAndMessage) {
  EXPECT_EQ(ToHex(HmacSha256({}, {})),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  EXPECT_EQ(ToHex(HmacSha512({}, {})),
            "b936cee86c9f87aa5d3c6f2e84cb5a4239a5fe50480a6ec66b70ab5b1f4ac673"
            "0c6c515421b327ec1d69402e53dfb49ad7381eb067b338fd7b0cb22247225d47");
}

// RFC 4231 sections 4.2, 4.3 and 4.7 (a key longer than the block).
TEST(HmacTest, Sha512MatchesRfc4231) {
  EXPECT_EQ(ToHex(HmacSha512(Bytes(20, 0x0b), AsBytes("Hi There"))),
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
            "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854");
  EXPECT_EQ(ToHex(HmacSha512(AsBytes("Jefe"),
                             AsBytes("what do ya want for nothing?"))),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
            "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
  EXPECT_EQ(
      ToHex(HmacSha512(
          Bytes(131, 0xaa),
          AsBytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
      "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
      "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598");
}

}  // namespace
}  // namespace entente::crypto
