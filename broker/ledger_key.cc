#include "broker/ledger_key.h"

#include "broker/store/keys_table.h"
#include "crypto/secret.h"

namespace entente::broker {
namespace {

constexpr absl::string_view kRow = "ledger-key";
constexpr size_t kSeedBytes = 32;

}  // namespace

absl::Status CreateLedgerKey(Transaction& transaction,
                             const WrappingKey& wrapping) {
  const absl::StatusOr<crypto::SigningKey> key = crypto::SigningKey::Generate();
  if (!key.ok()) return key.status();
  return KeysTable(transaction)
      .InsertSealed(kRow, wrapping.Seal(kRow, key->ExposeSeed()));
}

absl::StatusOr<crypto::SigningKey> LoadLedgerKey(Transaction& transaction,
                                                 const WrappingKey& wrapping) {
  const absl::StatusOr<std::vector<uint8_t>> sealed =
      KeysTable(transaction).GetSealed(kRow);
  if (!sealed.ok()) return sealed.status();
  const absl::StatusOr<crypto::Secret> seed = wrapping.Unseal(kRow, *sealed);
  if (!seed.ok()) return seed.status();
  if (seed->size() != kSeedBytes) {
    return absl::DataLossError("the sealed ledger key is damaged");
  }
  crypto::WipedArray<kSeedBytes> copy;
  std::copy(seed->Expose().begin(), seed->Expose().end(), copy.begin());
  return crypto::SigningKey::TakeSeed(absl::MakeSpan(copy.data(), kSeedBytes));
}

}  // namespace entente::broker
