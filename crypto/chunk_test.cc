#include "crypto/chunk.h"

#include <functional>
#include <string>
#include <vector>

#include "crypto/encoding.h"
#include "crypto/sealed_fields.h"
#include "gtest/gtest.h"

namespace entente::crypto {
namespace {

SigningKey Key(uint8_t fill) {
  Bytes seed(32, fill);
  return *SigningKey::TakeSeed(absl::MakeSpan(seed));
}

Bytes Sealed(size_t fields) {
  Bytes packed;
  for (size_t i = 0; i < fields; ++i) {
    EXPECT_TRUE(AppendSealedField(&packed, Bytes(80, 5)).ok());
  }
  return packed;
}

// A chunk of `count` records with one pseudonym field and two sealed ones.
struct OwnedChunk {
  OwnedChunk(uint32_t index, uint32_t count, bool final)
      : pseudonyms(count * kElementPairSize, static_cast<uint8_t>(index)),
        sealed(Sealed(size_t{2} * count)),
        chunk{index, final, count, pseudonyms, sealed} {}

  Bytes pseudonyms;
  Bytes sealed;
  Chunk chunk;
};

class Chain : public testing::Test {
 protected:
  static BatchShape Shape(uint32_t records) { return {records, 1, 2}; }

  const Hash head_ = Sha256("head");
  const OwnedChunk first_{0, 3, false};
  const OwnedChunk second_{1, 2, true};
};

TEST_F(Chain, HashesAsDocumented) {
  ChunkChain chain(head_, Shape(5));
  const Bytes first = *ByteWriter()
                           .Raw("entente chunk v1")
                           .Raw(head_)
                           .U32(0)
                           .Raw(Bytes(32))
                           .U8(0)
                           .U32(3)
                           .Raw(Sha256(first_.pseudonyms))
                           .Raw(Sha256(first_.sealed))
                           .Finish();
  EXPECT_EQ(*chain.Append(first_.chunk), Sha256(first));
  EXPECT_EQ(chain.BatchDigest().status().code(),
            absl::StatusCode::kFailedPrecondition);
  const Bytes second = *ByteWriter()
                            .Raw("entente chunk v1")
                            .Raw(head_)
                            .U32(1)
                            .Raw(Sha256(first))
                            .U8(1)
                            .U32(2)
                            .Raw(Sha256(second_.pseudonyms))
                            .Raw(Sha256(second_.sealed))
                            .Finish();
  EXPECT_EQ(*chain.Append(second_.chunk), Sha256(second));
  EXPECT_EQ(*chain.BatchDigest(), Sha256(second));
}

TEST_F(Chain, SignsAsDocumented) {
  const Hash hash = Sha256("chunk");
  const SigningKey key = Key(1);
  EXPECT_EQ(
      SignChunk(key, hash),
      key.Sign("", *ByteWriter().Raw("entente batch v1").Raw(hash).Finish()));
  EXPECT_EQ(SignDelivery(key, head_, hash, Sha256("R")),
            key.Sign("", *ByteWriter()
                              .Raw("entente delivery v1")
                              .Raw(head_)
                              .Raw(hash)
                              .Raw(Sha256("R"))
                              .Finish()));
}

TEST_F(Chain, VerifiesSignaturesBeforeItGoesOn) {
  ChunkChain sender(head_, Shape(5));
  const Signature signature = SignChunk(Key(1), *sender.Append(first_.chunk));
  ChunkChain chain(head_, Shape(5));
  EXPECT_EQ(
      chain.AppendSigned(first_.chunk, Key(2).public_key(), signature).code(),
      absl::StatusCode::kDataLoss);
  ChunkChain elsewhere(Sha256("other head"), Shape(5));
  EXPECT_EQ(elsewhere.AppendSigned(first_.chunk, Key(1).public_key(), signature)
                .code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(chain.position(), ChainPosition{});
  EXPECT_TRUE(
      chain.AppendSigned(first_.chunk, Key(1).public_key(), signature).ok());
  EXPECT_EQ(chain.position(), sender.position());
  EXPECT_EQ(
      chain.AppendSigned(first_.chunk, Key(1).public_key(), signature).code(),
      absl::StatusCode::kFailedPrecondition);
}

TEST_F(Chain, CoversEveryBitOfAChunk) {
  ChunkChain sender(head_, Shape(1));
  OwnedChunk chunk(0, 1, true);
  const Signature signature = SignChunk(Key(1), *sender.Append(chunk.chunk));
  const Ed25519PublicKey key = Key(1).public_key();
  const auto verify = [&] {
    return ChunkChain(head_, Shape(1))
        .AppendSigned(chunk.chunk, key, signature);
  };
  for (Bytes* bytes : {&chunk.pseudonyms, &chunk.sealed}) {
    for (size_t bit = 0; bit < 8 * bytes->size(); ++bit) {
      (*bytes)[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
      EXPECT_FALSE(verify().ok()) << bit;
      (*bytes)[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    }
  }
  EXPECT_TRUE(verify().ok());
}

TEST_F(Chain, HashDependsOnEveryPart) {
  const Hash a = Sha256("a");
  const Hash b = Sha256("b");
  const Hash base = ChunkHash(a, 1, a, false, 2, a, a);
  for (const Hash& other :
       {ChunkHash(b, 1, a, false, 2, a, a), ChunkHash(a, 2, a, false, 2, a, a),
        ChunkHash(a, 1, b, false, 2, a, a), ChunkHash(a, 1, a, true, 2, a, a),
        ChunkHash(a, 1, a, false, 3, a, a), ChunkHash(a, 1, a, false, 2, b, a),
        ChunkHash(a, 1, a, false, 2, a, b)}) {
    EXPECT_NE(other, base);
  }
}

TEST_F(Chain, KeepsItsOrder) {
  ChunkChain chain(head_, Shape(5));
  EXPECT_EQ(chain.Append(second_.chunk).status().code(),
            absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(chain.Append(first_.chunk).ok());
  EXPECT_EQ(chain.Append(first_.chunk).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(chain.Append(OwnedChunk(2, 2, true).chunk).status().code(),
            absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(chain.Append(second_.chunk).ok());
  EXPECT_EQ(chain.Append(OwnedChunk(2, 1, true).chunk).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(Chain, GoesOnFromAStoredPosition) {
  ChunkChain whole(head_, Shape(5));
  ASSERT_TRUE(whole.Append(first_.chunk).ok());
  ChunkChain resumed(head_, Shape(5), whole.position());
  EXPECT_EQ(*resumed.Append(second_.chunk), *whole.Append(second_.chunk));
  EXPECT_EQ(*resumed.BatchDigest(), *whole.BatchDigest());
}

TEST_F(Chain, AllowsAnEmptyChunkOnlyAsTheWholeBatch) {
  ChunkChain empty(head_, Shape(0));
  EXPECT_EQ(empty.Append(OwnedChunk(0, 0, false).chunk).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(empty.Append(OwnedChunk(0, 0, true).chunk).ok());
  EXPECT_TRUE(empty.BatchDigest().ok());
  ChunkChain chain(head_, Shape(3));
  ASSERT_TRUE(chain.Append(first_.chunk).ok());
  EXPECT_EQ(chain.Append(OwnedChunk(1, 0, true).chunk).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(Chain, HoldsWhatTheHeaderSays) {
  for (const uint32_t records : {4u, 6u}) {
    ChunkChain chain(head_, Shape(records));
    ASSERT_TRUE(chain.Append(first_.chunk).ok());
    EXPECT_EQ(chain.Append(second_.chunk).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  const std::pair<std::string, std::function<void(OwnedChunk*)>> cases[] = {
      {"pseudonyms", [](OwnedChunk* c) { c->pseudonyms.pop_back(); }},
      {"pseudonyms", [](OwnedChunk* c) { c->pseudonyms.resize(4 * 64); }},
      {"pseudonyms", [](OwnedChunk* c) { c->pseudonyms.clear(); }},
      {"field", [](OwnedChunk* c) { c->sealed = Sealed(5); }},
      {"", [](OwnedChunk* c) { c->sealed = Sealed(7); }},
      {"field", [](OwnedChunk* c) { c->sealed.pop_back(); }}};
  for (const auto& [why, spoil] : cases) {
    OwnedChunk chunk(0, 3, false);
    spoil(&chunk);
    chunk.chunk.pseudonyms = chunk.pseudonyms;
    chunk.chunk.sealed = chunk.sealed;
    const absl::Status status =
        ChunkChain(head_, Shape(5)).Append(chunk.chunk).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(status.message().find(why), absl::string_view::npos) << status;
  }
}

TEST_F(Chain, HasLimits) {
  const BatchShape bare{kMaxBatchRecords + 1, 0, 0};
  ChunkChain chain(head_, bare);
  EXPECT_EQ(
      chain.Append({0, false, kMaxChunkRecords + 1, {}, {}}).status().code(),
      absl::StatusCode::kInvalidArgument);
  for (uint32_t i = 0; i < kMaxBatchChunks; ++i) {
    ASSERT_TRUE(chain.Append({i, false, kMaxChunkRecords, {}, {}}).ok());
  }
  EXPECT_EQ(chain.Append({kMaxBatchChunks, true, 1, {}, {}}).status().code(),
            absl::StatusCode::kInvalidArgument);

  // 1,024 records of 16 pairs are 1 MiB to the byte.
  const BatchShape full{kMaxChunkRecords, 16, 0};
  const Bytes pairs(kMaxChunkBytes);
  EXPECT_TRUE(ChunkChain(head_, full)
                  .Append({0, true, kMaxChunkRecords, pairs, {}})
                  .ok());
  const absl::Status over =
      ChunkChain(head_, full)
          .Append({0, true, kMaxChunkRecords, pairs, Bytes(1)})
          .status();
  EXPECT_EQ(over.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(over.message().find("larger"), absl::string_view::npos) << over;
}

TEST(Delivery, CoversEveryBitAndKey) {
  Hash head = Sha256("head");
  Hash digest = Sha256("digest");
  Hash converted = Sha256("converted");
  Signature signature = SignDelivery(Key(1), head, digest, converted);
  const auto verify = [&](const SigningKey& key) {
    return VerifyDelivery(key.public_key(), head, digest, converted, signature)
        .code();
  };
  EXPECT_EQ(verify(Key(1)), absl::StatusCode::kOk);
  EXPECT_EQ(verify(Key(2)), absl::StatusCode::kDataLoss);
  const SigningKey key = Key(1);
  for (absl::Span<uint8_t> part :
       {absl::MakeSpan(head), absl::MakeSpan(digest), absl::MakeSpan(converted),
        absl::MakeSpan(signature)}) {
    for (size_t bit = 0; bit < 8 * part.size(); ++bit) {
      part[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
      EXPECT_EQ(verify(key), absl::StatusCode::kDataLoss) << bit;
      part[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    }
  }
}

TEST(ChunkSignature, CoversEveryBitAndIsNoDelivery) {
  Hash hash = Sha256("chunk");
  Signature signature = SignChunk(Key(1), hash);
  const Ed25519PublicKey key = Key(1).public_key();
  EXPECT_TRUE(VerifyChunk(key, hash, signature).ok());
  for (absl::Span<uint8_t> part :
       {absl::MakeSpan(hash), absl::MakeSpan(signature)}) {
    for (size_t bit = 0; bit < 8 * part.size(); ++bit) {
      part[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
      EXPECT_EQ(VerifyChunk(key, hash, signature).code(),
                absl::StatusCode::kDataLoss);
      part[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    }
  }
  EXPECT_FALSE(
      VerifyChunk(key, hash, Key(1).Sign("entente delivery v1", hash)).ok());
}

}  // namespace
}  // namespace entente::crypto
