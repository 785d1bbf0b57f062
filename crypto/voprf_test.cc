#include "crypto/voprf.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_split.h"
#include "crypto/encoding.h"
#include "crypto/hash_to_group.h"
#include "crypto/sha.h"

namespace entente::crypto {
namespace {

using absl::StatusCode;

nlohmann::json Suite(int mode) {
  std::ifstream file(std::string(ENTENTE_VECTORS) +
                     "/rfc9497_ristretto255_sha512.json");
  const nlohmann::json vectors = nlohmann::json::parse(file);
  for (const nlohmann::json& suite : vectors["suites"]) {
    if (suite["mode"] == mode) return suite;
  }
  return {};
}

// The comma-separated hexadecimal values of one field.
std::vector<Bytes> Values(const nlohmann::json& vector, const char* field) {
  std::vector<Bytes> values;
  const std::string text = vector[field];
  for (absl::string_view hex : absl::StrSplit(text, ',')) {
    values.push_back(*FromHex(hex));
  }
  return values;
}

std::vector<Point> Points(const std::vector<Bytes>& encodings) {
  std::vector<Point> points;
  for (const Bytes& encoding : encodings) {
    points.push_back(*Point::Parse(encoding));
  }
  return points;
}

std::vector<SecretScalar> Blinds(const nlohmann::json& vector) {
  std::vector<SecretScalar> blinds;
  for (const Bytes& bytes : Values(vector, "Blind")) {
    blinds.push_back(*SecretScalar::Parse(bytes));
  }
  return blinds;
}

// The final hash that enrolment leaves out.
Bytes Output(const Bytes& input, const Point& element) {
  const Hash512 hash = Sha512(
      *ByteWriter().Lp(input).Lp(element.bytes()).Raw("Finalize").Finish());
  return Bytes(hash.begin(), hash.end());
}

TEST(VoprfTest, MatchesRfc9497Mode0) {
  const nlohmann::json suite = Suite(0);
  const SecretScalar key =
      *SecretScalar::Parse(*FromHex(suite["skSm"].get<std::string>()));
  const Bytes dst = *FromHex(suite["groupDST"].get<std::string>());
  ASSERT_EQ(suite["vectors"].size(), 2);
  for (const nlohmann::json& vector : suite["vectors"]) {
    const Bytes input = Values(vector, "Input")[0];
    const Point element = *HashToGroup(input, AsText(dst));
    const SecretScalar blind = Blinds(vector)[0];
    const BlindedBatch batch =
        *BlindedBatch::CreateWith({element}, Blinds(vector));
    EXPECT_EQ(batch.blinded(), Points(Values(vector, "BlindedElement")));
    const std::vector<Point> evaluated = *BlindEvaluate(key, batch.blinded());
    EXPECT_EQ(evaluated, Points(Values(vector, "EvaluationElement")));
    EXPECT_EQ(Output(input, *Mul(blind.Inverse(), evaluated[0])),
              Values(vector, "Output")[0]);
  }
}

TEST(VoprfTest, MatchesRfc9497Mode1) {
  const nlohmann::json suite = Suite(1);
  const SecretScalar key =
      *SecretScalar::Parse(*FromHex(suite["skSm"].get<std::string>()));
  const Point public_key =
      *Point::Parse(*FromHex(suite["pkSm"].get<std::string>()));
  EXPECT_EQ(*MulBase(key), public_key);
  EXPECT_EQ(AsText(*FromHex(suite["groupDST"].get<std::string>())),
            kHashToGroupDst);
  ASSERT_EQ(suite["vectors"].size(), 3);
  for (const nlohmann::json& vector : suite["vectors"]) {
    const std::vector<Bytes> inputs = Values(vector, "Input");
    std::vector<Point> elements;
    for (const Bytes& input : inputs) elements.push_back(*HashToGroup(input));
    const BlindedBatch batch =
        *BlindedBatch::CreateWith(elements, Blinds(vector));
    EXPECT_EQ(batch.blinded(), Points(Values(vector, "BlindedElement")));
    const std::vector<Point> evaluated = *BlindEvaluate(key, batch.blinded());
    EXPECT_EQ(evaluated, Points(Values(vector, "EvaluationElement")));

    const Bytes published =
        *FromHex(vector["Proof"]["proof"].get<std::string>());
    const SecretScalar nonce =
        *SecretScalar::Parse(*FromHex(vector["Proof"]["r"].get<std::string>()));
    const DleqProof proof = *ProveDleqWithNonce(
        key, {Point::Base(), public_key, batch.blinded(), evaluated}, nonce);
    EXPECT_EQ(ToHex(proof), ToHex(published));

    const std::vector<Point> finished =
        *batch.Finish(public_key, evaluated, published);
    for (size_t i = 0; i < inputs.size(); ++i) {
      EXPECT_EQ(Output(inputs[i], finished[i]), Values(vector, "Output")[i]);
    }
  }
}

class EnrolmentTest : public testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 5; ++i) inputs_.push_back(*Point::Random());
    batch_ = *BlindedBatch::Create(inputs_);
    evaluated_ = *BlindEvaluate(key_, batch_->blinded());
    proof_ = *ProveEvaluation(key_, public_key_, batch_->blinded(), evaluated_);
  }

  absl::Status Finish() const {
    return batch_->Finish(public_key_, evaluated_, proof_).status();
  }

  const SecretScalar key_ = *SecretScalar::Random();
  const Point public_key_ = *MulBase(key_);
  std::vector<Point> inputs_;
  absl::optional<BlindedBatch> batch_;
  std::vector<Point> evaluated_;
  DleqProof proof_;
};

TEST_F(EnrolmentTest, GivesTheKeyTimesEachInput) {
  const std::vector<Point> pseudonyms =
      *batch_->Finish(public_key_, evaluated_, proof_);
  EXPECT_EQ(pseudonyms, *BlindEvaluate(key_, inputs_));
}

TEST_F(EnrolmentTest, BlindsTheSameInputDifferentlyEachTime) {
  const std::vector<Point> twice = {inputs_[0], inputs_[0]};
  const BlindedBatch batch = *BlindedBatch::Create(twice);
  EXPECT_NE(batch.blinded()[0], batch.blinded()[1]);
  EXPECT_NE(batch.blinded()[0], batch_->blinded()[0]);
}

TEST_F(EnrolmentTest, RefusesEveryFlippedBitOfTheProof) {
  for (size_t bit = 0; bit < 8 * proof_.size(); ++bit) {
    proof_[bit / 8] ^= 1 << (bit % 8);
    const StatusCode code = Finish().code();
    EXPECT_TRUE(code == StatusCode::kDataLoss ||
                code == StatusCode::kInvalidArgument)
        << bit;
    proof_[bit / 8] ^= 1 << (bit % 8);
  }
  EXPECT_TRUE(Finish().ok());
}

TEST_F(EnrolmentTest, RefusesABrokerThatUsesAnotherKeyForOnePerson) {
  evaluated_[3] = *Mul(*SecretScalar::Random(), batch_->blinded()[3]);
  EXPECT_EQ(Finish().code(), StatusCode::kDataLoss);
  proof_ = *ProveEvaluation(key_, public_key_, batch_->blinded(), evaluated_);
  EXPECT_EQ(Finish().code(), StatusCode::kDataLoss);
}

TEST_F(EnrolmentTest, RefusesABrokerThatUsesAnotherKeyForAll) {
  const SecretScalar other = *SecretScalar::Random();
  evaluated_ = *BlindEvaluate(other, batch_->blinded());
  proof_ =
      *ProveEvaluation(other, *MulBase(other), batch_->blinded(), evaluated_);
  EXPECT_EQ(Finish().code(), StatusCode::kDataLoss);
  proof_ = *ProveEvaluation(other, public_key_, batch_->blinded(), evaluated_);
  EXPECT_EQ(Finish().code(), StatusCode::kDataLoss);
}

TEST_F(EnrolmentTest, RefusesSwappedAnswers) {
  std::swap(evaluated_[0], evaluated_[1]);
  EXPECT_EQ(Finish().code(), StatusCode::kDataLoss);
}

TEST_F(EnrolmentTest, RefusesAnAnswerOfAnotherLength) {
  evaluated_.pop_back();
  EXPECT_EQ(Finish().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(batch_->Finish(public_key_, {}, proof_).status().code(),
            StatusCode::kInvalidArgument);
}

TEST_F(EnrolmentTest, RefusesAProofOfAnotherForm) {
  const absl::Span<const uint8_t> proof = proof_;
  Bytes longer(proof_.begin(), proof_.end());
  longer.push_back(0);
  for (const absl::Span<const uint8_t> bad :
       {proof.first(0), proof.first(63), absl::MakeConstSpan(longer)}) {
    EXPECT_EQ(batch_->Finish(public_key_, evaluated_, bad).status().code(),
              StatusCode::kInvalidArgument);
  }
  // Point 2 of section 7: the same number, not reduced, is no scalar.
  for (const size_t half : {0, 32}) {
    DleqProof raised = proof_;
    const Bytes order = *FromHex(
        "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    sodium_add(raised.data() + half, order.data(), 32);
    EXPECT_EQ(batch_->Finish(public_key_, evaluated_, raised).status().code(),
              StatusCode::kInvalidArgument);
  }
  DleqProof zero{};
  EXPECT_EQ(batch_->Finish(public_key_, evaluated_, zero).status().code(),
            StatusCode::kDataLoss);
}

TEST_F(EnrolmentTest, BatchesHaveALimit) {
  const std::vector<Point> most(kMaxVoprfBatch, inputs_[0]);
  const std::vector<Point> more(kMaxVoprfBatch + 1, inputs_[0]);
  EXPECT_EQ(BlindedBatch::Create({}).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(BlindedBatch::Create(more).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(BlindedBatch::CreateWith(inputs_, {}).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(ProveEvaluation(key_, public_key_, more, more).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(VerifyDleq({Point::Base(), public_key_, more, more}, proof_).code(),
            StatusCode::kInvalidArgument);

  const BlindedBatch batch = *BlindedBatch::Create(most);
  const std::vector<Point> evaluated = *BlindEvaluate(key_, batch.blinded());
  const DleqProof proof =
      *ProveEvaluation(key_, public_key_, batch.blinded(), evaluated);
  EXPECT_EQ(*batch.Finish(public_key_, evaluated, proof),
            *BlindEvaluate(key_, most));
}

// Moving a table to the next epoch: the proof is between two pinned keys.
TEST(DleqTest, ProvesOneNumberBetweenTwoKeys) {
  const SecretScalar old_key = *SecretScalar::Random();
  const SecretScalar delta = *SecretScalar::Random();
  const Point a = *MulBase(old_key), b = *Mul(delta, a);
  const std::vector<Point> c = {*Point::Random(), *Point::Random()};
  const std::vector<Point> d = *BlindEvaluate(delta, c);
  const DleqProof proof = *ProveDleq(delta, {a, b, c, d});
  EXPECT_TRUE(VerifyDleq({a, b, c, d}, proof).ok());
  EXPECT_EQ(VerifyDleq({Point::Base(), b, c, d}, proof).code(),
            StatusCode::kDataLoss);
  EXPECT_EQ(VerifyDleq({a, a, c, d}, proof).code(), StatusCode::kDataLoss);
  EXPECT_EQ(VerifyDleq({a, b, d, c}, proof).code(), StatusCode::kDataLoss);
}

}  // namespace
}  // namespace entente::crypto
