// Paths and bundles have one form each; hashes of any proof lead somewhere or
// nowhere, and never crash.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "crypto/merkle.h"
#include "crypto/tile.h"

namespace {

using namespace entente::crypto;  // NOLINT

void CheckPaths(absl::string_view path) {
  const absl::StatusOr<TileId> tile = ParseTilePath(path);
  if (tile.ok() && TilePath(*tile) != path) std::abort();
  const absl::StatusOr<BundleId> bundle = ParseBundlePath(path);
  if (bundle.ok() && BundlePath(*bundle) != path) std::abort();
}

void CheckBundle(absl::Span<const uint8_t> bytes, uint32_t width) {
  const auto decoded = DecodeBundle(bytes, width);
  if (!decoded.ok()) return;
  std::vector<Bytes> entries;
  for (const absl::Span<const uint8_t> entry : *decoded) {
    entries.emplace_back(entry.begin(), entry.end());
  }
  const absl::StatusOr<Bytes> again = EncodeBundle(entries);
  if (!again.ok() || absl::MakeConstSpan(*again) != bytes) std::abort();
}

void CheckProofs(uint8_t from, uint8_t size, absl::Span<const uint8_t> bytes) {
  std::vector<Hash> proof(std::min<size_t>(bytes.size() / 32, 70));
  for (size_t i = 0; i < proof.size(); ++i) {
    std::copy_n(bytes.begin() + 32 * i, 32, proof[i].begin());
  }
  // Nobody has found a proof of an entry under the empty root.
  const Hash root = EmptyRoot();
  if (VerifyInclusion(LeafHash("entry"), from, size, proof, root).ok()) {
    std::abort();
  }
  const bool trivial =
      proof.empty() && from <= size && (from == 0 || from == size);
  if (VerifyConsistency(from, root, size, root, proof).ok() != trivial) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::Span<const uint8_t> input(data, size);
  CheckPaths(AsText(input));
  if (size < 2) return 0;
  CheckBundle(input.subspan(1), data[0] + 1U);
  CheckProofs(data[0], data[1], input.subspan(2));
  return 0;
}
