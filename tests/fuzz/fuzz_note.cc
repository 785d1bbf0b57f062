// A note that is read is written back to the byte; what it claims is checked.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "crypto/checkpoint.h"
#include "crypto/cosignature.h"
#include "crypto/note.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace entente::crypto;  // NOLINT
  static const auto& keys = *new std::vector<NoteKey>{
      *NoteKey::Parse("audit.example.org/broker-1+823c7897+AUD+QRsgDzFg/"
                      "oLCgas30JCM9QhshiAMcfQn3JxB05AT"),
      *NoteKey::Parse("witness.example.org/w1+8ef38276+BHeYW/"
                      "QCq+O/29LPWNBse88uoYqNfYuJMqM5zSWwq4yt")};
  const absl::string_view input = AsText({data, size});
  const absl::StatusOr<NoteKey> key = NoteKey::Parse(input);
  if (key.ok() && key->ToString() != input) std::abort();
  const absl::StatusOr<Checkpoint> text = ParseCheckpointText(input);
  if (text.ok() && CheckpointText(*text) != input) std::abort();
  const absl::StatusOr<Note> note = ParseNote(input);
  if (!note.ok()) return 0;
  const absl::StatusOr<std::string> formatted = FormatNote(*note);
  if (!formatted.ok() || *formatted != input) std::abort();
  const bool by_log = VerifyNote(*note, keys).ok();
  if (OpenCheckpoint(input, keys[0]).ok() && !by_log) std::abort();
  // Fails or not as it likes: it must only not crash.
  static_cast<void>(VerifyCosignatures(*note, keys).ok());
  return 0;
}
