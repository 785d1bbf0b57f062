// Blind enrolment: RFC 9497 VOPRF (mode 1, ristretto255-SHA512), stopping
// before the final hash because conversion needs the element. The agency gets
// k*H for its H; the broker, who holds k, learns only how many.
#ifndef ENTENTE_CRYPTO_VOPRF_H_
#define ENTENTE_CRYPTO_VOPRF_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "crypto/dleq.h"
#include "crypto/group.h"

namespace entente::crypto {

// The most identifiers in one request.
inline constexpr size_t kMaxVoprfBatch = kMaxDleqBatch;

// The agency's side of one request: holds the blinding scalars until the answer
// is there. Const methods may run concurrently.
class BlindedBatch {
 public:
  // Blinds each input with a fresh scalar. InvalidArgument unless there are 1
  // to kMaxVoprfBatch. 46 us an element.
  static absl::StatusOr<BlindedBatch> Create(absl::Span<const Point> inputs);

  // The same with scalars of the caller's, one an input, each fresh, random and
  // used once: for published vectors. InvalidArgument if the counts differ.
  static absl::StatusOr<BlindedBatch> CreateWith(
      absl::Span<const Point> inputs, std::vector<SecretScalar> blinds);

  // What the broker gets, in the order of the inputs.
  absl::Span<const Point> blinded() const { return blinded_; }

  // Checks the broker's answer under the domain's public key and takes the
  // blinding off: the pseudonyms, in the order of the inputs. InvalidArgument
  // if the count or the proof's form is wrong, DataLoss if the proof does not
  // verify; then nothing of the answer may be used. Safe on hostile input;
  // 162 us an element.
  absl::StatusOr<std::vector<Point>> Finish(
      const Point& domain_key, absl::Span<const Point> evaluated,
      absl::Span<const uint8_t> proof) const;

  // The same for a batch of pseudonyms that the broker moved from the epoch of
  // `old_key` to that of `new_key`: see rotation.h.
  absl::StatusOr<std::vector<Point>> FinishRotation(
      const Point& old_key, const Point& new_key, absl::Span<const Point> moved,
      absl::Span<const uint8_t> proof) const;

 private:
  BlindedBatch() = default;

  // The answers without their blinds.
  absl::StatusOr<std::vector<Point>> Unblind(
      absl::Span<const Point> answers) const;

  std::vector<SecretScalar> blinds_;
  std::vector<Point> blinded_;
};

// The broker's side: k times each element. Thread-safe, and a request may be
// split over threads; 46 us an element. InvalidArgument never follows from
// elements that Point::Parse accepted.
absl::StatusOr<std::vector<Point>> BlindEvaluate(
    const SecretScalar& k, absl::Span<const Point> blinded);

// The proof that goes with the whole answer. As ProveDleq.
absl::StatusOr<DleqProof> ProveEvaluation(const SecretScalar& k,
                                          const Point& domain_key,
                                          absl::Span<const Point> blinded,
                                          absl::Span<const Point> evaluated);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_VOPRF_H_
