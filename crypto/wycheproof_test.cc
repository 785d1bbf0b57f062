// The Wycheproof vectors of every primitive that is used here.
#include <fstream>
#include <functional>
#include <string>

#include "crypto/aead.h"
#include "crypto/hex.h"
#include "crypto/hkdf.h"
#include "crypto/signing.h"
#include "crypto/x25519.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace entente::crypto {
namespace {

using nlohmann::json;

Bytes BytesOf(const json& value) { return *FromHex(value.get<std::string>()); }

// Calls `check(group, test)` for each test of the file `name`; expects `count`.
void ForEachTest(const std::string& name, int count,
                 const std::function<void(const json&, const json&)>& check) {
  std::ifstream file(std::string(ENTENTE_VECTORS) + "/wycheproof_" + name +
                     "_test.json");
  ASSERT_TRUE(file.is_open()) << name;
  const json document = json::parse(file);
  int seen = 0;
  for (const json& group : document["testGroups"]) {
    for (const json& test : group["tests"]) {
      SCOPED_TRACE(name + " tcId " + test["tcId"].dump());
      check(group, test);
      ++seen;
    }
  }
  EXPECT_EQ(seen, count);
}

void CheckAead(Aead aead, const json& test) {
  const Bytes nonce = BytesOf(test["iv"]);
  const Bytes aad = BytesOf(test["aad"]);
  const Bytes message = BytesOf(test["msg"]);
  Bytes sealed = BytesOf(test["ct"]);
  const Bytes tag = BytesOf(test["tag"]);
  sealed.insert(sealed.end(), tag.begin(), tag.end());
  absl::StatusOr<AeadKey> key = AeadKey::Create(aead, BytesOf(test["key"]));
  ASSERT_TRUE(key.ok());
  const absl::StatusOr<Bytes> opened = key->Open(nonce, aad, sealed);
  if (test["result"] != "valid") {
    EXPECT_EQ(opened.status().code(), nonce.size() == kAeadNonceSize
                                          ? absl::StatusCode::kDataLoss
                                          : absl::StatusCode::kInvalidArgument);
    return;
  }
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(*opened, message);
  EXPECT_EQ(*key->Seal(nonce, aad, message), sealed);
  EXPECT_EQ(*key->Open(nonce, aad, sealed), message);  // the key is reusable
}

TEST(Wycheproof, AesGcm) {
  ForEachTest("aes_gcm", 133, [](const json& group, const json& test) {
    CheckAead(group["keySize"] == 128 ? Aead::kAes128Gcm : Aead::kAes256Gcm,
              test);
  });
}

TEST(Wycheproof, ChaCha20Poly1305) {
  ForEachTest("chacha20_poly1305", 325, [](const json&, const json& test) {
    CheckAead(Aead::kChaCha20Poly1305, test);
  });
}

void CheckHkdf(const json& test, absl::Status (*hkdf)(absl::Span<const uint8_t>,
                                                      absl::Span<const uint8_t>,
                                                      absl::Span<const uint8_t>,
                                                      absl::Span<uint8_t>)) {
  Bytes out(test["size"].get<size_t>());
  const absl::Status status = hkdf(BytesOf(test["ikm"]), BytesOf(test["salt"]),
                                   BytesOf(test["info"]), absl::MakeSpan(out));
  if (test["result"] == "valid") {
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(out, BytesOf(test["okm"]));
  } else {
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(Wycheproof, HkdfSha256) {
  ForEachTest("hkdf_sha256", 86, [](const json&, const json& test) {
    CheckHkdf(test, &HkdfSha256);
  });
}

TEST(Wycheproof, HkdfSha512) {
  ForEachTest("hkdf_sha512", 83, [](const json&, const json& test) {
    CheckHkdf(test, &HkdfSha512);
  });
}

TEST(Wycheproof, X25519) {
  int refused = 0;
  ForEachTest("x25519", 518, [&](const json&, const json& test) {
    const absl::StatusOr<WipedArray<32>> shared =
        X25519(BytesOf(test["private"]), BytesOf(test["public"]));
    if (BytesOf(test["shared"]) == Bytes(32)) {
      EXPECT_EQ(test["result"], "acceptable");
      EXPECT_EQ(shared.status().code(), absl::StatusCode::kInvalidArgument);
      ++refused;
      return;
    }
    // "Acceptable" ones are odd encodings that RFC 7748 section 5 tells to use.
    ASSERT_TRUE(shared.ok()) << shared.status();
    EXPECT_EQ(Bytes(shared->begin(), shared->end()), BytesOf(test["shared"]));
  });
  EXPECT_GT(refused, 10);
}

TEST(Wycheproof, Ed25519) {
  ForEachTest("ed25519", 151, [](const json& group, const json& test) {
    const absl::StatusOr<Ed25519PublicKey> key =
        Ed25519PublicKey::Parse(BytesOf(group["publicKey"]["pk"]));
    ASSERT_TRUE(key.ok());
    const absl::StatusOr<Signature> signature =
        ParseSignature(BytesOf(test["sig"]));
    const absl::Status verified =
        signature.ok() ? key->Verify("", BytesOf(test["msg"]), *signature)
                       : signature.status();
    EXPECT_EQ(verified.ok(), test["result"] == "valid") << verified;
  });
}

}  // namespace
}  // namespace entente::crypto
