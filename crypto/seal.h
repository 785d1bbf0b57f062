// Seals the records of a batch to its recipient, field by field, and opens
// them. Every ciphertext is bound to header, record, field and pseudonyms.
#ifndef ENTENTE_CRYPTO_SEAL_H_
#define ENTENTE_CRYPTO_SEAL_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "crypto/aead.h"
#include "crypto/hpke.h"
#include "crypto/sealed_fields.h"
#include "crypto/sha.h"
#include "crypto/value.h"

namespace entente::crypto {

// The field that says which identifiers a record has. Reserved.
inline constexpr absl::string_view kPresentField = "_present";

// hh = SHA-256("entente header v1" || header), over the bytes as sent.
Hash HeaderHash(absl::Span<const uint8_t> header);
// bh = SHA-256("entente batch-head v1" || hh || enc).
Hash BatchHeadHash(const Hash& header_hash, const HpkeEnc& enc);

// A released field, as the agreement has it.
struct FieldSpec {
  std::string name;
  ValueType type = ValueType::kText;  // null is always allowed beside it
  // Size of the longest member of a closed vocabulary; 0: open.
  size_t longest = 0;
};

// What is sealed in a record: fields in header order, and how many pseudonym
// fields it has.
struct RecordLayout {
  std::vector<FieldSpec> fields;
  size_t pseudonym_fields = 0;

  // Sealed fields a record takes in the packed form: those and `_present`.
  size_t sealed_fields() const { return fields.size() + 1; }
};

// One record in the clear.
struct ClearRecord {
  std::vector<Value> values;  // one per field, in order
  std::vector<bool> present;  // per pseudonym field: false where the pair sent
                              // in its place encrypts a random element

  friend bool operator==(const ClearRecord&, const ClearRecord&) = default;
};

// `_present` as bytes: bit j in byte j / 8, least significant first.
Bytes PresentBitmap(const std::vector<bool>& present);
// Undoes PresentBitmap for `count` bits. InvalidArgument for another length or
// an unused bit that is set.
absl::StatusOr<std::vector<bool>> ParsePresentBitmap(
    absl::Span<const uint8_t> bitmap, size_t count);

// The key of one field of one batch.
struct FieldCipher {
  FieldSpec spec;
  AeadKey key;
  WipedArray<kAeadNonceSize> base_nonce;
};

// The sender's end of one batch. Move-only.
class BatchSealer {
 public:
  // Encapsulates a fresh key to `recipient`, bound to `header`. InvalidArgument
  // for a header longer than kMaxHeaderBytes, more fields than
  // crypto/batch_limits.h allows, a field without a name, named twice or named
  // `_present`, or a recipient's key of small order.
  static absl::StatusOr<BatchSealer> Create(const KemPublicKey& recipient,
                                            absl::Span<const uint8_t> header,
                                            RecordLayout layout);

  const HpkeEnc& enc() const { return enc_; }
  const Hash& head_hash() const { return head_hash_; }  // bh
  // The index that the next record gets: records are numbered from 0 over the
  // whole batch, in the order of the calls, so that no nonce is used twice.
  uint32_t next_record() const { return next_record_; }

  // Seals the next record and appends its fields to `packed`. `pairs` are the
  // record's C1 || C2 in header order. InvalidArgument, with nothing appended
  // and no index used, if the record does not fit the layout or a value its
  // field; ResourceExhausted after kMaxBatchRecords. 1 us a field.
  absl::Status SealRecord(const ClearRecord& record,
                          absl::Span<const uint8_t> pairs, Bytes* packed);

 private:
  BatchSealer(const HpkeEnc& enc, const Hash& head_hash,
              std::vector<FieldCipher> ciphers, size_t pseudonym_fields)
      : enc_(enc),
        head_hash_(head_hash),
        ciphers_(std::move(ciphers)),
        pseudonym_fields_(pseudonym_fields) {}

  HpkeEnc enc_;
  Hash head_hash_;
  std::vector<FieldCipher> ciphers_;  // `_present` last
  size_t pseudonym_fields_;
  uint32_t next_record_ = 0;
};

// The recipient's end of one batch. Move-only.
class BatchOpener {
 public:
  // InvalidArgument as BatchSealer::Create, or for a bad `enc`. That the header
  // or the key is another's shows when a record is opened.
  static absl::StatusOr<BatchOpener> Create(const KemKey& recipient,
                                            absl::Span<const uint8_t> header,
                                            const HpkeEnc& enc,
                                            RecordLayout layout);

  const Hash& head_hash() const { return head_hash_; }  // bh

  // Opens record `index` of the batch, whose fields come next in `packed` and
  // whose C1 || C2, as the sender sent them, are `pairs`. DataLoss if a field
  // does not authenticate; InvalidArgument if what is inside is not what the
  // layout says, or the sizes do not fit. Messages name record and field.
  absl::StatusOr<ClearRecord> OpenRecord(uint32_t index,
                                         absl::Span<const uint8_t> pairs,
                                         SealedFieldReader* packed);

 private:
  BatchOpener(const Hash& head_hash, std::vector<FieldCipher> ciphers,
              size_t pseudonym_fields)
      : head_hash_(head_hash),
        ciphers_(std::move(ciphers)),
        pseudonym_fields_(pseudonym_fields) {}

  Hash head_hash_;
  std::vector<FieldCipher> ciphers_;  // `_present` last
  size_t pseudonym_fields_;
};

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_SEAL_H_
