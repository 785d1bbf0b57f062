#include "client/batch_opener.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/error.h"
#include "client/key_sets.h"
#include "crypto/hex.h"
#include "crypto/printed_pseudonym.h"
#include "crypto/seal.h"
#include "crypto/sealed_fields.h"
#include "policy/released_field.h"

namespace entente::client {
namespace {

using crypto::AsBytes;

Value ForOutput(const crypto::Value& value) {
  switch (value.type) {
    case crypto::ValueType::kNull:
      return Value();
    case crypto::ValueType::kInteger:
      return Value(value.integer);
    case crypto::ValueType::kBoolean:
      return Value(value.integer != 0);
    case crypto::ValueType::kBytes:
      return Value(crypto::ToBase64(AsBytes(value.text)));
    case crypto::ValueType::kText:
    case crypto::ValueType::kDecimal:
    case crypto::ValueType::kDate:
    case crypto::ValueType::kTime:
    case crypto::ValueType::kCode:
      break;
  }
  return Value(value.text);
}

// One batch while it is being opened.
class Opening {
 public:
  Opening(const VerifiedBatch& batch, const RecipientSecrets& secrets,
          PseudonymTable& pseudonyms)
      : batch_(batch),
        header_(batch.header),
        secrets_(secrets),
        pseudonyms_(pseudonyms),
        domain_({header_.agreement(), header_.recipient(),
                 batch.decision.flow->recipient_domain ==
                         policy::DomainRole::kMatching
                     ? crypto::Role::kMatching
                     : crypto::Role::kSealed,
                 header_.epoch()}) {}

  absl::StatusOr<crypto::RecordLayout> ReadLayout() {
    crypto::RecordLayout layout;
    layout.pseudonym_fields =
        static_cast<size_t>(header_.pseudonym_fields_size());
    for (const std::string& name : header_.released_fields()) {
      auto field = policy::DescribeReleased(
          batch_.decision.agreement->document(), *batch_.decision.flow, name);
      if (!field.ok()) return field.status();
      layout.fields.push_back({name, field->type, field->longest});
      fields_.push_back(*std::move(field));
    }
    return layout;
  }

  // Whether every value is what the agreement promises; notes what is not.
  bool Check(uint32_t index, const crypto::ClearRecord& clear,
             policy::Violations* violations) const {
    std::vector<policy::Violation> found;
    for (size_t i = 0; i < fields_.size(); ++i) {
      if (!policy::CheckReceived(fields_[i], clear.values[i]).ok()) {
        found.push_back({index, fields_[i].name});
      }
    }
    std::sort(found.begin(), found.end(),
              [](const auto& one, const auto& other) {
                return one.field < other.field;
              });
    violations->total += found.size();
    for (policy::Violation& violation : found) {
      if (violations->listed.size() == policy::kMaxListedViolations) break;
      violations->listed.push_back(std::move(violation));
    }
    return found.empty();
  }

  // `converted` are the record's, in header order.
  absl::StatusOr<Record> Open(uint32_t index, const crypto::ClearRecord& clear,
                              absl::Span<const crypto::Converted> converted) {
    Record values;
    for (size_t i = 0; i < fields_.size(); ++i) {
      values.emplace_back(fields_[i].name, ForOutput(clear.values[i]));
    }
    Record pseudonyms;
    bool matched = false;
    for (size_t i = 0; i < converted.size(); ++i) {
      const auto& field = header_.pseudonym_fields(static_cast<int>(i));
      absl::StatusOr<Value> shown =
          clear.present[i] ? Show(index, field.scheme(), converted[i], &matched)
                           : Nothing();
      if (!shown.ok()) return shown.status();
      pseudonyms.emplace_back(field.name(), *std::move(shown));
    }
    if (matched) ++matched_;
    Record record = {{"batch", crypto::ToHex(AsBytes(header_.batch_id()))},
                     {"index", uint64_t{index}},
                     {"sender", header_.sender()},
                     {"flow", header_.flow()},
                     {"purpose", header_.purpose()},
                     {"fields", std::move(values)},
                     {"pseudonyms", std::move(pseudonyms)}};
    if (!header_.break_glass().empty()) {
      record.emplace_back("break_glass",
                          crypto::ToHex(AsBytes(header_.break_glass())));
    }
    return record;
  }

  uint64_t matched() const { return matched_; }

 private:
  static Value Nothing() {
    return Record{{"pseudonym", Value()}, {"matches", std::vector<Value>()}};
  }

  absl::StatusOr<Value> Show(uint32_t index, const std::string& scheme,
                             const crypto::Converted& converted,
                             bool* matched) {
    const auto pseudonym = crypto::OpenPseudonym(secrets_.y, converted);
    if (!pseudonym.ok()) {
      return VerificationError(
          absl::StrCat("record ", index, ": a pseudonym cannot be opened"),
          std::string(pseudonym.status().message()));
    }
    const auto printed =
        crypto::PrintPseudonym(secrets_.print_key, domain_, *pseudonym);
    if (!printed.ok()) return printed.status();
    std::vector<Value> matches;
    if (domain_.role == crypto::Role::kMatching) {
      const auto references = pseudonyms_.ReferencesOf(
          {domain_.agreement, scheme, domain_.epoch}, *pseudonym);
      if (!references.ok()) return references.status();
      matches.assign(references->begin(), references->end());
    }
    *matched = *matched || !matches.empty();
    return Value(
        Record{{"pseudonym", *printed}, {"matches", std::move(matches)}});
  }

  const VerifiedBatch& batch_;
  const v1::BatchHeader& header_;
  const RecipientSecrets& secrets_;
  PseudonymTable& pseudonyms_;
  const crypto::Domain domain_;
  std::vector<policy::ReleasedField> fields_;
  uint64_t matched_ = 0;
};

absl::Status NotOpened(const absl::Status& why) {
  return VerificationError("the seal of the batch does not open",
                           std::string(why.message()));
}

}  // namespace

absl::StatusOr<RecipientSecrets> RecipientSecrets::Load(
    const Profile& profile, const certs::KeyBundle* own) {
  auto keys = KeysOf(profile, own);
  if (!keys.ok()) return keys.status();
  auto print = profile.PrintKey();
  if (!print.ok()) return print.status();
  return RecipientSecrets{std::move(keys->kem), std::move(keys->y),
                          *std::move(print)};
}

absl::StatusOr<OpenedBatch> OpenBatch(const ArrivedBatch& arrived,
                                      const VerifiedBatch& batch,
                                      const RecipientSecrets& secrets,
                                      PseudonymTable& pseudonyms) {
  Opening opening(batch, secrets, pseudonyms);
  absl::StatusOr<crypto::RecordLayout> layout = opening.ReadLayout();
  if (!layout.ok()) return layout.status();
  const size_t per_record = layout->pseudonym_fields;
  crypto::HpkeEnc enc = {};
  std::copy_n(arrived.start.enc().begin(), enc.size(), enc.begin());
  auto opener = crypto::BatchOpener::Create(
      secrets.kem, AsBytes(arrived.start.header()), enc, *std::move(layout));
  if (!opener.ok()) return NotOpened(opener.status());
  OpenedBatch opened;
  uint32_t index = 0;
  for (size_t c = 0; c < arrived.chunks.size(); ++c) {
    const v1::BatchChunk& part = arrived.chunks[c];
    const auto pairs = AsBytes(part.pseudonyms());
    const auto converted = absl::MakeConstSpan(batch.converted[c]);
    crypto::SealedFieldReader reader(AsBytes(part.sealed()));
    for (uint32_t i = 0; i < part.count(); ++i, ++index) {
      const auto clear = opener->OpenRecord(
          index,
          pairs.subspan(i * per_record * crypto::kCiphertextBytes,
                        per_record * crypto::kCiphertextBytes),
          &reader);
      if (!clear.ok()) return NotOpened(clear.status());
      if (!opening.Check(index, *clear, &opened.violations)) {
        ++opened.withheld;
        continue;
      }
      auto record = opening.Open(index, *clear,
                                 converted.subspan(i * per_record, per_record));
      if (!record.ok()) return record.status();
      opened.records.push_back(*std::move(record));
    }
    if (absl::Status end = reader.ExpectEnd(); !end.ok()) return NotOpened(end);
  }
  opened.matched = opening.matched();
  return opened;
}

}  // namespace entente::client
