#include "crypto/voprf.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace entente::crypto {
namespace {

// The inverses of all scalars for one inversion and three products each
// (Montgomery's trick). No scalar is 0.
std::vector<SecretScalar> Inverses(absl::Span<const SecretScalar> scalars) {
  std::vector<SecretScalar> products;  // products[i] = scalars[0] * ... * [i]
  products.reserve(scalars.size());
  for (const SecretScalar& scalar : scalars) {
    products.push_back(products.empty() ? scalar : products.back() * scalar);
  }
  std::vector<SecretScalar> inverses(scalars.begin(), scalars.end());
  SecretScalar rest = products.back().Inverse();
  for (size_t i = scalars.size() - 1; i > 0; --i) {
    inverses[i] = rest * products[i - 1];
    rest = rest * scalars[i];
  }
  inverses[0] = rest;
  return inverses;
}

}  // namespace

absl::StatusOr<BlindedBatch> BlindedBatch::Create(
    absl::Span<const Point> inputs) {
  std::vector<SecretScalar> blinds;
  blinds.reserve(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    const absl::StatusOr<SecretScalar> blind = SecretScalar::Random();
    if (!blind.ok()) return blind.status();
    blinds.push_back(*blind);
  }
  return CreateWith(inputs, std::move(blinds));
}

absl::StatusOr<BlindedBatch> BlindedBatch::CreateWith(
    absl::Span<const Point> inputs, std::vector<SecretScalar> blinds) {
  if (inputs.empty() || inputs.size() > kMaxVoprfBatch) {
    return absl::InvalidArgumentError(
        absl::StrCat("a request enrols 1 to ", kMaxVoprfBatch,
                     " identifiers, not ", inputs.size()));
  }
  if (inputs.size() != blinds.size()) {
    return absl::InvalidArgumentError("every input needs its own blind");
  }
  BlindedBatch batch;
  batch.blinds_ = std::move(blinds);
  batch.blinded_.reserve(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    const absl::StatusOr<Point> blinded = Mul(batch.blinds_[i], inputs[i]);
    if (!blinded.ok()) return blinded.status();
    batch.blinded_.push_back(*blinded);
  }
  return batch;
}

absl::StatusOr<std::vector<Point>> BlindedBatch::Finish(
    const Point& domain_key, absl::Span<const Point> evaluated,
    absl::Span<const uint8_t> proof) const {
  const absl::Status verified =
      VerifyDleq({Point::Base(), domain_key, blinded_, evaluated}, proof);
  if (!verified.ok()) return verified;
  return Unblind(evaluated);
}

absl::StatusOr<std::vector<Point>> BlindedBatch::FinishRotation(
    const Point& old_key, const Point& new_key, absl::Span<const Point> moved,
    absl::Span<const uint8_t> proof) const {
  const absl::Status verified =
      VerifyDleq({old_key, new_key, blinded_, moved}, proof);
  if (!verified.ok()) return verified;
  return Unblind(moved);
}

absl::StatusOr<std::vector<Point>> BlindedBatch::Unblind(
    absl::Span<const Point> answers) const {
  const std::vector<SecretScalar> inverses = Inverses(blinds_);
  std::vector<Point> pseudonyms;
  pseudonyms.reserve(answers.size());
  for (size_t i = 0; i < answers.size(); ++i) {
    const absl::StatusOr<Point> pseudonym = Mul(inverses[i], answers[i]);
    if (!pseudonym.ok()) return pseudonym.status();
    pseudonyms.push_back(*pseudonym);
  }
  return pseudonyms;
}

absl::StatusOr<std::vector<Point>> BlindEvaluate(
    const SecretScalar& k, absl::Span<const Point> blinded) {
  std::vector<Point> evaluated;
  evaluated.reserve(blinded.size());
  for (const Point& element : blinded) {
    const absl::StatusOr<Point> product = Mul(k, element);
    if (!product.ok()) return product.status();
    evaluated.push_back(*product);
  }
  return evaluated;
}

absl::StatusOr<DleqProof> ProveEvaluation(const SecretScalar& k,
                                          const Point& domain_key,
                                          absl::Span<const Point> blinded,
                                          absl::Span<const Point> evaluated) {
  return ProveDleq(k, {Point::Base(), domain_key, blinded, evaluated});
}

}  // namespace entente::crypto
