#include "crypto/seal.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "crypto/batch_limits.h"
#include "crypto/encoding.h"

namespace entente::crypto {
namespace {

// One export: the key, then the base nonce.
constexpr size_t kFieldKeySize = 32;
constexpr size_t kFieldExportSize = kFieldKeySize + kAeadNonceSize;

absl::Status CheckLayout(absl::Span<const uint8_t> header,
                         const RecordLayout& layout) {
  if (header.size() > kMaxHeaderBytes) {
    return absl::InvalidArgumentError("header is too long");
  }
  if (layout.fields.size() > kMaxReleasedFields ||
      layout.pseudonym_fields > kMaxPseudonymFields) {
    return absl::InvalidArgumentError("too many fields for a batch");
  }
  std::set<absl::string_view> names;
  for (const FieldSpec& field : layout.fields) {
    if (field.name.empty() || field.name == kPresentField ||
        !names.insert(field.name).second) {
      return absl::InvalidArgumentError(absl::StrCat(
          "field `", field.name, "` is unnamed, reserved or there twice"));
    }
  }
  return absl::OkStatus();
}

Bytes HpkeInfo(const Hash& header_hash) {
  Bytes info;
  AppendRaw(&info, "entente hpke v1");
  AppendRaw(&info, header_hash);
  return info;
}

absl::StatusOr<FieldCipher> DeriveCipher(const HpkeContext& hpke,
                                         FieldSpec spec) {
  const absl::StatusOr<Bytes> context =
      ByteWriter().Raw("entente field v1").Lp(spec.name).Finish();
  if (!context.ok()) return context.status();
  WipedArray<kFieldExportSize> exported;
  if (absl::Status s = hpke.Export(*context, absl::MakeSpan(exported));
      !s.ok()) {
    return s;
  }
  absl::StatusOr<AeadKey> key = AeadKey::Create(
      Aead::kAes256Gcm, absl::MakeSpan(exported).first(kFieldKeySize));
  if (!key.ok()) return key.status();
  FieldCipher cipher{std::move(spec), *std::move(key), {}};
  std::copy_n(exported.begin() + kFieldKeySize, kAeadNonceSize,
              cipher.base_nonce.begin());
  return cipher;
}

absl::StatusOr<std::vector<FieldCipher>> DeriveCiphers(const HpkeContext& hpke,
                                                       RecordLayout layout) {
  const size_t bitmap_size = (layout.pseudonym_fields + 7) / 8;
  layout.fields.push_back(
      {std::string(kPresentField), ValueType::kBytes, bitmap_size});
  std::vector<FieldCipher> ciphers;
  for (FieldSpec& spec : layout.fields) {
    absl::StatusOr<FieldCipher> cipher = DeriveCipher(hpke, std::move(spec));
    if (!cipher.ok()) return cipher.status();
    ciphers.push_back(*std::move(cipher));
  }
  return ciphers;
}

std::array<uint8_t, kAeadNonceSize> RecordNonce(const FieldCipher& cipher,
                                                uint32_t record) {
  std::array<uint8_t, kAeadNonceSize> nonce{};
  std::copy(cipher.base_nonce.begin(), cipher.base_nonce.end(), nonce.begin());
  for (size_t i = 0; i < 4; ++i) {
    nonce[nonce.size() - 1 - i] ^= static_cast<uint8_t>(record >> (8 * i));
  }
  return nonce;
}

absl::StatusOr<Bytes> RecordAad(const Hash& head_hash, uint32_t record,
                                absl::string_view field,
                                absl::Span<const uint8_t> pairs) {
  return ByteWriter().Raw(head_hash).U32(record).Lp(field).Raw(pairs).Finish();
}

// `status` with the record and field that it is about.
absl::Status About(const absl::Status& status, uint32_t record,
                   const FieldSpec& field) {
  return absl::Status(status.code(),
                      absl::StrCat("record ", record, ", field `", field.name,
                                   "`: ", status.message()));
}

absl::Status CheckType(const Value& value, const FieldSpec& field) {
  if (value.type == field.type) return absl::OkStatus();
  if (value.type == ValueType::kNull && field.name != kPresentField) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("value is not of the field's type");
}

absl::StatusOr<Value> OpenField(FieldCipher* cipher, const Hash& head_hash,
                                uint32_t record,
                                absl::Span<const uint8_t> pairs,
                                SealedFieldReader* packed) {
  const absl::StatusOr<absl::Span<const uint8_t>> sealed = packed->Next();
  if (!sealed.ok()) return sealed.status();
  const absl::StatusOr<Bytes> aad =
      RecordAad(head_hash, record, cipher->spec.name, pairs);
  if (!aad.ok()) return aad.status();
  const absl::StatusOr<Bytes> plaintext =
      cipher->key.Open(RecordNonce(*cipher, record), *aad, *sealed);
  if (!plaintext.ok()) return plaintext.status();
  absl::StatusOr<Value> value =
      DecodePlaintext(*plaintext, cipher->spec.longest);
  if (!value.ok()) return value;
  if (absl::Status s = CheckType(*value, cipher->spec); !s.ok()) return s;
  return value;
}

}  // namespace

Hash HeaderHash(absl::Span<const uint8_t> header) {
  return Sha256Hasher().Update("entente header v1").Update(header).Finish();
}

Hash BatchHeadHash(const Hash& header_hash, const HpkeEnc& enc) {
  return Sha256Hasher()
      .Update("entente batch-head v1")
      .Update(header_hash)
      .Update(enc)
      .Finish();
}

Bytes PresentBitmap(const std::vector<bool>& present) {
  Bytes bitmap((present.size() + 7) / 8);
  for (size_t j = 0; j < present.size(); ++j) {
    if (present[j]) bitmap[j / 8] |= static_cast<uint8_t>(1 << j % 8);
  }
  return bitmap;
}

absl::StatusOr<std::vector<bool>> ParsePresentBitmap(
    absl::Span<const uint8_t> bitmap, size_t count) {
  std::vector<bool> present(count);
  if (bitmap.size() == (count + 7) / 8) {
    for (size_t j = 0; j < count; ++j) {
      present[j] = (bitmap[j / 8] >> j % 8 & 1) != 0;
    }
    if (PresentBitmap(present) == bitmap) return present;
  }
  return absl::InvalidArgumentError(
      "bitmap does not fit the number of pseudonym fields");
}

absl::StatusOr<BatchSealer> BatchSealer::Create(
    const KemPublicKey& recipient, absl::Span<const uint8_t> header,
    RecordLayout layout) {
  if (absl::Status s = CheckLayout(header, layout); !s.ok()) return s;
  const Hash header_hash = HeaderHash(header);
  const absl::StatusOr<HpkeSender> hpke =
      HpkeSender::Setup(Aead::kAes256Gcm, recipient, HpkeInfo(header_hash));
  if (!hpke.ok()) return hpke.status();
  const size_t pseudonym_fields = layout.pseudonym_fields;
  absl::StatusOr<std::vector<FieldCipher>> ciphers =
      DeriveCiphers(*hpke, std::move(layout));
  if (!ciphers.ok()) return ciphers.status();
  return BatchSealer(hpke->enc(), BatchHeadHash(header_hash, hpke->enc()),
                     *std::move(ciphers), pseudonym_fields);
}

absl::Status BatchSealer::SealRecord(const ClearRecord& record,
                                     absl::Span<const uint8_t> pairs,
                                     Bytes* packed) {
  if (next_record_ >= kMaxBatchRecords) {
    return absl::ResourceExhaustedError("batch is full");
  }
  if (record.values.size() + 1 != ciphers_.size() ||
      record.present.size() != pseudonym_fields_ ||
      pairs.size() != pseudonym_fields_ * kElementPairSize) {
    return absl::InvalidArgumentError("record does not fit its layout");
  }
  const Value present = Value::OfBytes(PresentBitmap(record.present));
  std::vector<Bytes> plaintexts;
  for (size_t i = 0; i < ciphers_.size(); ++i) {
    const Value& value = i < record.values.size() ? record.values[i] : present;
    const FieldSpec& field = ciphers_[i].spec;
    if (absl::Status s = CheckType(value, field); !s.ok()) {
      return About(s, next_record_, field);
    }
    absl::StatusOr<Bytes> plaintext = EncodePlaintext(value, field.longest);
    if (!plaintext.ok()) return About(plaintext.status(), next_record_, field);
    plaintexts.push_back(*std::move(plaintext));
  }
  // From here on nonces are used: the index is gone whatever happens.
  const uint32_t index = next_record_++;
  Bytes fields;
  for (size_t i = 0; i < ciphers_.size(); ++i) {
    FieldCipher& cipher = ciphers_[i];
    const absl::StatusOr<Bytes> aad =
        RecordAad(head_hash_, index, cipher.spec.name, pairs);
    if (!aad.ok()) return aad.status();
    const absl::StatusOr<Bytes> sealed =
        cipher.key.Seal(RecordNonce(cipher, index), *aad, plaintexts[i]);
    if (!sealed.ok()) return sealed.status();
    if (absl::Status s = AppendSealedField(&fields, *sealed); !s.ok()) return s;
  }
  AppendRaw(packed, fields);
  return absl::OkStatus();
}

absl::StatusOr<BatchOpener> BatchOpener::Create(
    const KemKey& recipient, absl::Span<const uint8_t> header,
    const HpkeEnc& enc, RecordLayout layout) {
  if (absl::Status s = CheckLayout(header, layout); !s.ok()) return s;
  const Hash header_hash = HeaderHash(header);
  const absl::StatusOr<HpkeRecipient> hpke = HpkeRecipient::Setup(
      Aead::kAes256Gcm, enc, recipient, HpkeInfo(header_hash));
  if (!hpke.ok()) return hpke.status();
  const size_t pseudonym_fields = layout.pseudonym_fields;
  absl::StatusOr<std::vector<FieldCipher>> ciphers =
      DeriveCiphers(*hpke, std::move(layout));
  if (!ciphers.ok()) return ciphers.status();
  return BatchOpener(BatchHeadHash(header_hash, enc), *std::move(ciphers),
                     pseudonym_fields);
}

absl::StatusOr<ClearRecord> BatchOpener::OpenRecord(
    uint32_t index, absl::Span<const uint8_t> pairs,
    SealedFieldReader* packed) {
  if (index >= kMaxBatchRecords ||
      pairs.size() != pseudonym_fields_ * kElementPairSize) {
    return absl::InvalidArgumentError("record does not fit its layout");
  }
  ClearRecord record;
  for (FieldCipher& cipher : ciphers_) {
    absl::StatusOr<Value> value =
        OpenField(&cipher, head_hash_, index, pairs, packed);
    if (!value.ok()) return About(value.status(), index, cipher.spec);
    record.values.push_back(*std::move(value));
  }
  absl::StatusOr<std::vector<bool>> present =
      ParsePresentBitmap(AsBytes(record.values.back().text), pseudonym_fields_);
  if (!present.ok()) {
    return About(present.status(), index, ciphers_.back().spec);
  }
  record.values.pop_back();
  record.present = *std::move(present);
  return record;
}

}  // namespace entente::crypto
