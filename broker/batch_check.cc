#include "broker/batch_check.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "broker/grant_state.h"
#include "broker/rpc/refusal.h"
#include "crypto/batch_limits.h"
#include "crypto/hex.h"
#include "policy/decide.h"
#include "policy/ledger_part.h"
#include "proto/strict.h"

namespace entente::broker {
namespace {

using policy::Reason;

constexpr uint32_t kProtocolVersion = 1;
constexpr int kMaxAccompanying = 16;
constexpr size_t kMaxAccompanyingBytes = 300;
// 9999-12-31, beyond which entries cannot be written.
constexpr int64_t kLastUnixMs = 253402300799999;

absl::Status BadHeader(absl::string_view detail) {
  return Refuse(Reason::kBadHeader, detail);
}

absl::Status CheckLengths(const v1::BatchHeader& header) {
  const std::pair<const char*, std::pair<size_t, size_t>> lengths[] = {
      {"agreement_digest", {header.agreement_digest().size(), 32}},
      {"batch_id", {header.batch_id().size(), 16}},
      {"sender_bundle", {header.sender_bundle().size(), 32}},
      {"recipient_bundle", {header.recipient_bundle().size(), 32}},
      {"manifest_digest", {header.manifest_digest().size(), 32}},
      {"view_root", {header.view_root().size(), 32}},
  };
  for (const auto& [name, size] : lengths) {
    if (size.first == size.second) continue;
    return BadHeader(
        absl::StrCat(name, " has ", size.first, " bytes, not ", size.second));
  }
  if (!header.break_glass().empty() && header.break_glass().size() != 32) {
    return BadHeader(absl::StrCat(
        "break_glass has ", header.break_glass().size(), " bytes, not 32"));
  }
  if (header.released_fields_size() >
          static_cast<int>(crypto::kMaxReleasedFields) ||
      header.pseudonym_fields_size() >
          static_cast<int>(crypto::kMaxPseudonymFields)) {
    return BadHeader("too many fields");
  }
  if (header.record_count() > crypto::kMaxBatchRecords) {
    return BadHeader(absl::StrCat("a batch has at most ",
                                  crypto::kMaxBatchRecords, " records"));
  }
  return absl::OkStatus();
}

bool IsWord(absl::string_view name) {
  if (name.empty() || name.size() > 40) return false;
  for (const char c : name) {
    if (!absl::ascii_islower(static_cast<unsigned char>(c)) &&
        !absl::ascii_isdigit(static_cast<unsigned char>(c)) && c != '_') {
      return false;
    }
  }
  return true;
}

absl::Status CheckAccompanying(const v1::BatchHeader& header) {
  if (header.accompanying_size() > kMaxAccompanying) {
    return BadHeader("too much accompanies the batch");
  }
  absl::string_view previous;
  for (const v1::Accompanying& item : header.accompanying()) {
    if (!IsWord(item.name()) || item.name() <= previous) {
      return BadHeader("what accompanies the batch is not in order of names");
    }
    previous = item.name();
    if (item.value().empty() || item.value().size() > kMaxAccompanyingBytes) {
      return BadHeader(absl::StrCat(item.name(), " is empty or longer than ",
                                    kMaxAccompanyingBytes, " bytes"));
    }
  }
  return absl::OkStatus();
}

std::string CaseReferenceOf(const v1::BatchHeader& header) {
  for (const v1::Accompanying& item : header.accompanying()) {
    if (item.name() == "case_reference") return item.value();
  }
  return "";
}

struct Use {
  const char* limit;
  const std::optional<int64_t>& most;
  uint64_t amount;
  absl::Time day;
};

absl::Status TakeOf(Transaction& transaction, absl::string_view agreement,
                    const policy::Flow& flow, absl::Time now,
                    const v1::BatchHeader& header) {
  // A year is counted on its last day, so that forgetting past days keeps it.
  const absl::Time year_end = absl::FromCivil(
      absl::CivilDay(absl::ToCivilYear(now, absl::UTCTimeZone()).year(), 12,
                     31),
      absl::UTCTimeZone());
  const policy::Limits& limits = flow.limits;
  const bool extract =
      policy::MethodOf(header.method()) == policy::Method::kExtract;
  const Use uses[] = {
      {"requests_per_day", limits.requests_per_day, 1, now},
      {"records_per_day", limits.records_per_day, header.record_count(), now},
      {"extracts_per_year", limits.extracts_per_year, extract ? 1u : 0u,
       year_end}};
  const std::string route =
      absl::StrCat(header.sender(), ">", header.recipient());
  QuotaTable quotas(transaction);
  for (const Use& use : uses) {
    if (!use.most.has_value() || use.amount == 0) continue;
    const auto taken =
        quotas.Take({std::string(agreement), flow.id, route, use.limit},
                    use.day, use.amount, static_cast<uint64_t>(*use.most));
    if (taken.ok()) continue;
    if (!absl::IsResourceExhausted(taken.status())) return taken.status();
    return Refuse(
        Reason::kQuotaExceeded,
        absl::StrCat(use.limit, " of ", *use.most, " is used up for ", route),
        absl::StrCat("flows ", flow.id, ".limits.", use.limit));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::BatchHeader> ParseHeader(absl::Span<const uint8_t> bytes) {
  if (bytes.empty() || bytes.size() > crypto::kMaxHeaderBytes) {
    return BadHeader(absl::StrCat("a header has 1 to ", crypto::kMaxHeaderBytes,
                                  " bytes, not ", bytes.size()));
  }
  v1::BatchHeader header;
  const absl::Status parsed = ParseStrict(bytes, &header);
  if (!parsed.ok()) return BadHeader(parsed.message());
  if (header.protocol_version() != kProtocolVersion) {
    return BadHeader(absl::StrCat("protocol version ",
                                  header.protocol_version(), " is not spoken"));
  }
  if (absl::Status s = CheckLengths(header); !s.ok()) return s;
  if (absl::Status s = CheckAccompanying(header); !s.ok()) return s;
  if (header.view_size() == 0) {
    return BadHeader("the sender has verified no ledger");
  }
  if (!policy::MethodOf(header.method()).has_value()) {
    return BadHeader("the method is none");
  }
  return header;
}

crypto::BatchShape ShapeOf(const v1::BatchHeader& header) {
  return {header.record_count(),
          static_cast<size_t>(header.pseudonym_fields_size()),
          static_cast<size_t>(header.released_fields_size()) + 1};
}

absl::Status CheckFresh(const v1::BatchHeader& header, absl::Time now) {
  const int64_t made = header.created_unix_ms();
  const int64_t end = header.not_after_unix_ms();
  if (made <= 0 || made > kLastUnixMs || end <= made || end > kLastUnixMs) {
    return BadHeader("its times are out of order or range");
  }
  const absl::Time created = absl::FromUnixMillis(made);
  const absl::Time not_after = absl::FromUnixMillis(end);
  if (created > now + kMaxClockLead) {
    return BadHeader("it was made in the future");
  }
  if (not_after > created + crypto::kMaxBatchLife) {
    return BadHeader("it lives longer than 7 days");
  }
  if (now >= not_after) return Refuse(Reason::kBatchExpired, "");
  return absl::OkStatus();
}

policy::Request RequestOf(absl::string_view caller,
                          const v1::BatchHeader& header) {
  policy::Request request;
  request.agreement = header.agreement();
  request.version = header.agreement_version();
  request.caller = std::string(caller);
  request.sender = header.sender();
  request.recipient = header.recipient();
  request.purpose = header.purpose();
  request.dataset = header.dataset();
  request.flow = header.flow();
  request.method =
      policy::MethodOf(header.method()).value_or(policy::Method::kQuery);
  request.fields.assign(header.released_fields().begin(),
                        header.released_fields().end());
  for (const v1::PseudonymField& field : header.pseudonym_fields()) {
    request.pseudonyms.push_back({field.name(), field.scheme()});
  }
  for (const v1::Accompanying& item : header.accompanying()) {
    const auto requirement = policy::RequirementOf(item.name());
    if (requirement.has_value()) request.carried.push_back(*requirement);
  }
  request.records = header.record_count();
  return request;
}

absl::StatusOr<policy::Decision> DecideBatch(Transaction& transaction,
                                             const policy::Register& known,
                                             absl::Time now,
                                             absl::string_view caller,
                                             const v1::BatchHeader& header) {
  const auto method = policy::MethodOf(header.method());
  if (!method.has_value()) return BadHeader("the method is none");
  const policy::AgreementRecord* record = known.Find(header.agreement());
  if (record == nullptr || !record->IsParty(caller)) {
    return Refuse(Reason::kNoAgreement, "");
  }
  if (*method == policy::Method::kQuery || !header.in_reply_to().empty()) {
    return Refuse(Reason::kNotBuilt, "queries and answers are not built");
  }
  const policy::Request request = RequestOf(caller, header);
  policy::Decision decision;
  if (header.break_glass().empty()) {
    decision = policy::Decide(known, now, request);
  } else {
    const auto state = ReadGrant(transaction, known, header.agreement(),
                                 crypto::AsBytes(header.break_glass()));
    if (absl::IsNotFound(state.status())) {
      return Refuse(Reason::kGrantUnknown, "", "break_glass");
    }
    if (!state.ok()) return state.status();
    decision = policy::DecideUnder(state->grant, known, now, request,
                                   CaseReferenceOf(header));
  }
  if (!decision.allowed()) return Refuse(decision);
  const crypto::Hash& digest = decision.agreement->digest();
  if (header.agreement_digest() != crypto::AsText(digest)) {
    return BadHeader("agreement_digest is not that of the version named");
  }
  return decision;
}

absl::Status CheckKeysNamed(const v1::BatchHeader& header,
                            const LoadedManifest& manifest) {
  if (header.manifest_digest() != crypto::AsText(manifest.digest)) {
    return Refuse(Reason::kManifestUnknown,
                  "the manifest named is not the one in force");
  }
  if (header.epoch() != manifest.content.epoch) {
    return Refuse(Reason::kKeyUnknown,
                  absl::StrCat("epoch ", header.epoch(), " is not in force"));
  }
  const std::pair<const std::string&, const std::string&> named[] = {
      {header.sender(), header.sender_bundle()},
      {header.recipient(), header.recipient_bundle()}};
  for (const auto& [agency, digest] : named) {
    const auto it = manifest.content.bundles.find(agency);
    if (it == manifest.content.bundles.end() ||
        it->second != crypto::ToHex(crypto::AsBytes(digest))) {
      return Refuse(
          Reason::kKeyUnknown,
          absl::StrCat("the bundle named for ", agency, " is not in force"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckView(Transaction& transaction, const LedgerLog& ledgers,
                       const v1::BatchHeader& header) {
  const absl::StatusOr<crypto::Hash> root = ledgers.RootAt(
      transaction, policy::PartName(header.agreement(), header.view_part()),
      header.view_size());
  if (absl::IsOutOfRange(root.status()) || absl::IsNotFound(root.status())) {
    return Refuse(Reason::kStaleView,
                  "the sender knows a longer ledger than the broker has");
  }
  if (!root.ok()) return root.status();
  if (header.view_root() != crypto::AsText(*root)) {
    return Refuse(Reason::kStaleView, "the sender's view is another ledger's");
  }
  return absl::OkStatus();
}

absl::Status TakeQuotas(Transaction& transaction,
                        const policy::Decision& allowed, absl::Time now,
                        const v1::BatchHeader& header) {
  absl::Status taken = TakeOf(transaction, allowed.agreement->document().id,
                              *allowed.flow, now, header);
  for (const policy::Decision::Parent& parent : allowed.parents) {
    if (!taken.ok()) return taken;
    taken = TakeOf(transaction, parent.agreement->document().id, *parent.flow,
                   now, header);
  }
  return taken;
}

void Justify(const policy::Register& known, policy::LedgerEntry* entry) {
  if (entry->accompanying.count("justification") != 0) return;
  const policy::AgreementRecord* record = known.Find(entry->agreement);
  if (record == nullptr) return;
  const auto version = record->versions.find(entry->version);
  if (version == record->versions.end()) return;
  const policy::Agreement& document = version->second.agreement->document();
  const auto purpose = document.purposes.find(entry->purpose);
  if (purpose == document.purposes.end() ||
      document.governance.justification != policy::JustificationRule::kFilled) {
    return;
  }
  const auto reference = entry->accompanying.find("case_reference");
  entry->detail["justification"] =
      reference == entry->accompanying.end()
          ? purpose->second.text
          : absl::StrCat("Case ", reference->second, ": ",
                         purpose->second.text);
}

void Describe(const v1::BatchHeader& header, policy::LedgerEntry* entry) {
  entry->agreement = header.agreement();
  entry->version = header.agreement_version();
  entry->digest = crypto::ToHex(crypto::AsBytes(header.agreement_digest()));
  entry->flow = header.flow();
  entry->purpose = header.purpose();
  entry->method = header.method();
  entry->dataset = header.dataset();
  entry->sender = header.sender();
  entry->recipient = header.recipient();
  for (const v1::Accompanying& item : header.accompanying()) {
    entry->accompanying[item.name()] = item.value();
  }
  entry->fields.assign(header.released_fields().begin(),
                       header.released_fields().end());
  for (const v1::PseudonymField& field : header.pseudonym_fields()) {
    entry->fields.push_back(field.name());
  }
  entry->records = header.record_count();
  entry->manifest = crypto::ToHex(crypto::AsBytes(header.manifest_digest()));
  entry->batch = crypto::ToHex(crypto::AsBytes(header.batch_id()));
  if (header.break_glass().empty()) return;
  entry->detail["break_glass"] =
      crypto::ToHex(crypto::AsBytes(header.break_glass()));
}

}  // namespace entente::broker
