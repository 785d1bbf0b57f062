// Pepper messages between parties; the broker cannot open them.
#ifndef ENTENTE_BROKER_STORE_PEPPER_TABLE_H_
#define ENTENTE_BROKER_STORE_PEPPER_TABLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "broker/store/sqlite.h"

namespace entente::broker {

struct PepperGeneration {
  uint32_t generation = 0;
  std::vector<uint8_t> commitment;  // 32 bytes
  absl::optional<uint64_t> entry;   // that fixed it
};

struct PepperMessageRow {
  std::string agreement;
  uint32_t generation = 0;
  std::string sender;
  std::string recipient;
  std::vector<uint8_t> message;     // as signed
  std::vector<uint8_t> ciphertext;  // enc and ciphertext
  std::vector<uint8_t> signature;   // 64 bytes
};

class PepperTable {
 public:
  explicit PepperTable(Transaction& transaction) : transaction_(transaction) {}

  // Fixes the commitment of a generation; true if it was not fixed before.
  // AlreadyExists if another one stands.
  absl::StatusOr<bool> FixCommitment(absl::string_view agreement,
                                     uint32_t generation,
                                     absl::Span<const uint8_t> commitment);
  absl::Status SetCommitmentEntry(absl::string_view agreement,
                                  uint32_t generation, uint64_t entry);
  // The highest generation. NotFound if nobody has made one.
  absl::StatusOr<PepperGeneration> Latest(absl::string_view agreement);

  // Replaces an earlier message of the same sender, recipient and generation.
  // FailedPrecondition if the generation's commitment is not fixed.
  absl::Status Put(const PepperMessageRow& row);
  // Messages to `recipient` of one generation, by sender.
  absl::StatusOr<std::vector<PepperMessageRow>> MessagesTo(
      absl::string_view agreement, uint32_t generation,
      absl::string_view recipient);
  // Who has been left a message of a generation, by name.
  absl::StatusOr<std::vector<std::string>> Recipients(
      absl::string_view agreement, uint32_t generation);

 private:
  Transaction& transaction_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_STORE_PEPPER_TABLE_H_
