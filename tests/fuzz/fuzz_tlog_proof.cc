// A receipt that is read is written back to the byte, and verifies for no
// entry that the log never held.
#include <cstdint>
#include <cstdlib>

#include "crypto/tlog_proof.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace entente::crypto;  // NOLINT
  static const auto& log =
      *new NoteKey(*NoteKey::Parse("audit.example.org/broker-1+823c7897+AUD+"
                                   "QRsgDzFg/oLCgas30JCM9QhshiAMcfQn3JxB05AT"));
  const absl::string_view input = AsText({data, size});
  const absl::StatusOr<TlogProof> proof = ParseTlogProof(input);
  if (!proof.ok()) return 0;
  if (FormatTlogProof(*proof) != input) std::abort();
  if (VerifyTlogProof(*proof, AsBytes("never logged"), log).ok()) std::abort();
  return 0;
}
