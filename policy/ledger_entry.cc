#include "policy/ledger_entry.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "crypto/hex.h"
#include "nlohmann/json.hpp"
#include "policy/printable.h"

namespace entente::policy {
namespace {

using Json = nlohmann::ordered_json;

constexpr uint64_t kMaxCount = uint64_t{1} << 53;
constexpr size_t kMaxDetailBytes = 10 * kMaxEntryTextBytes;

// Indexed by EntryKind.
constexpr const char* kKinds[] = {"",
                                  "batch",
                                  "delivery",
                                  "query",
                                  "answer",
                                  "stage_expired",
                                  "enrolment",
                                  "pepper",
                                  "key_bundle",
                                  "key_manifest",
                                  "epoch",
                                  "agreement_proposed",
                                  "agreement_signed",
                                  "agreement_activated",
                                  "agreement_suspended",
                                  "agreement_resumed",
                                  "agreement_withdrawn",
                                  "break_glass_asked",
                                  "break_glass_approved",
                                  "break_glass_ended",
                                  "break_glass_reported",
                                  "break_glass_overdue",
                                  "witnesses_missing",
                                  "witnesses_back",
                                  "agency_added",
                                  "agency_revoked",
                                  "certificate_revoked",
                                  "broker_started",
                                  "broker_stopped",
                                  "ledger_opened",
                                  "ledger_continued",
                                  "ledger_read",
                                  "ledger_exported",
                                  "refused_login",
                                  "refused_call",
                                  "ledger_recorded"};
static_assert(std::size(kKinds) == size_t(EntryKind::kLedgerRecorded) + 1);

// Indexed by Operation.
constexpr const char* kOperations[] = {
    "",           "collection",  "alteration", "consultation",
    "disclosure", "combination", "erasure"};
static_assert(std::size(kOperations) == size_t(Operation::kErasure) + 1);

// `text` as an entry may hold it: whole characters up to `limit` bytes, with
// `?` for what cannot be printed.
std::string Clipped(absl::string_view text, size_t limit) {
  std::string clipped;
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    const bool bad = length == 0 || IsControl(text.substr(0, length));
    const size_t taken = length == 0 ? 1 : length;
    const absl::string_view piece = bad ? "?" : text.substr(0, taken);
    if (clipped.size() + piece.size() > limit) break;
    absl::StrAppend(&clipped, piece);
    text.remove_prefix(taken);
  }
  return clipped;
}

bool IsHex(absl::string_view text, size_t digits) {
  return text.size() == digits &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

// Calls `visit(name, text, limit)` for every free text of `entry`, and
// `hex(name, text, digits)` for every digest; one list, so that checking and
// cutting cannot disagree. Keys of maps are visited by `key`.
template <typename Entry, typename Visit, typename Hex>
void VisitTexts(Entry& entry, Visit visit, Hex hex) {
  for (auto& reason : entry.reasons) {
    visit("reasons", reason.code, kMaxEntryTextBytes);
    visit("reasons", reason.clause, kMaxEntryTextBytes);
  }
  visit("agreement", entry.agreement, kMaxEntryTextBytes);
  visit("flow", entry.flow, kMaxEntryTextBytes);
  visit("purpose", entry.purpose, kMaxEntryTextBytes);
  visit("method", entry.method, kMaxEntryTextBytes);
  visit("dataset", entry.dataset, kMaxEntryTextBytes);
  visit("sender", entry.sender, kMaxEntryTextBytes);
  visit("recipient", entry.recipient, kMaxEntryTextBytes);
  visit("actor", entry.actor, kMaxEntryTextBytes);
  for (auto& field : entry.fields) visit("fields", field, kMaxEntryTextBytes);
  for (auto& [name, value] : entry.accompanying) {
    visit("accompanying", value, kMaxEntryTextBytes);
  }
  for (auto& [name, value] : entry.detail) {
    visit("detail", value, kMaxDetailBytes);
  }
  hex("digest", entry.digest, 64);
  hex("actor_certificate", entry.actor_certificate, 64);
  hex("subject", entry.subject, 64);
  hex("manifest", entry.manifest, 64);
  hex("batch", entry.batch, 32);
}

absl::Status Wrong(absl::string_view member, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("ledger entry: ", member, ": ", what));
}

absl::Status CheckText(absl::string_view member, absl::string_view text,
                       size_t limit) {
  if (text.size() > limit) {
    return Wrong(member, absl::StrCat("is longer than ", limit, " bytes"));
  }
  if (Clipped(text, limit) != text) {
    return Wrong(member, "holds bad UTF-8 or control characters");
  }
  return absl::OkStatus();
}

absl::Status Check(const LedgerEntry& entry) {
  if (EntryKindName(entry.kind).empty()) return Wrong("kind", "is missing");
  if (entry.time != absl::FromUnixMillis(absl::ToUnixMillis(entry.time))) {
    return Wrong("time", "is not a whole number of milliseconds");
  }
  const int64_t year =
      absl::ToCivilYear(entry.time, absl::UTCTimeZone()).year();
  if (year < 1 || year > 9999) return Wrong("time", "is out of range");
  if (entry.outcome == Outcome::kAllow && !entry.reasons.empty()) {
    return Wrong("reasons", "stand beside an outcome of allow");
  }
  if (entry.records > kMaxCount) return Wrong("records", "is over 2^53");
  if (entry.fields_omitted > kMaxCount) {
    return Wrong("fields_omitted", "is over 2^53");
  }
  absl::Status status;
  VisitTexts(
      entry,
      [&](absl::string_view member, const std::string& text, size_t limit) {
        status.Update(CheckText(member, text, limit));
      },
      [&](absl::string_view member, const std::string& text, size_t digits) {
        if (!text.empty() && !IsHex(text, digits)) {
          status.Update(
              Wrong(member, absl::StrCat("is not ", digits,
                                         " lower-case hexadecimal digits")));
        }
      });
  for (const auto* map : {&entry.accompanying, &entry.detail}) {
    for (const auto& [name, value] : *map) {
      status.Update(CheckText("a name", name, kMaxEntryTextBytes));
    }
  }
  return status;
}

std::string FormatMillis(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

Json ToJson(const LedgerEntry& entry) {
  Json json = Json::object();
  json["salt"] = crypto::ToHex(entry.salt);
  json["time"] = FormatMillis(entry.time);
  json["kind"] = std::string(EntryKindName(entry.kind));
  const auto text = [&](const char* key, absl::string_view value) {
    if (!value.empty()) json[key] = std::string(value);
  };
  const auto count = [&](const char* key, uint64_t value) {
    if (value != 0) json[key] = value;
  };
  const auto map = [&](const char* key, const auto& values) {
    if (!values.empty()) json[key] = values;
  };
  text("operation", OperationName(entry.operation));
  text("outcome", entry.outcome == Outcome::kAllow ? "allow" : "deny");
  for (const EntryReason& reason : entry.reasons) {
    Json item = {{"code", reason.code}};
    if (!reason.clause.empty()) item["clause"] = reason.clause;
    json["reasons"].push_back(std::move(item));
  }
  text("agreement", entry.agreement);
  count("version", entry.version);
  text("digest", entry.digest);
  text("flow", entry.flow);
  text("purpose", entry.purpose);
  text("method", entry.method);
  text("dataset", entry.dataset);
  text("sender", entry.sender);
  text("recipient", entry.recipient);
  text("actor", entry.actor);
  text("actor_certificate", entry.actor_certificate);
  map("accompanying", entry.accompanying);
  map("fields", entry.fields);
  count("fields_omitted", entry.fields_omitted);
  count("records", entry.records);
  text("subject", entry.subject);
  text("manifest", entry.manifest);
  text("batch", entry.batch);
  map("detail", entry.detail);
  return json;
}

// The position of `name` in `names`, or 0.
template <size_t N>
size_t IndexOf(const char* const (&names)[N], const std::string& name) {
  for (size_t i = 1; i < N; ++i) {
    if (name == names[i]) return i;
  }
  return 0;
}

// Throws what nlohmann throws when a member has another type. What it does not
// read, the comparison in ParseEntry finds.
LedgerEntry FromJson(const Json& json) {
  LedgerEntry entry;
  const auto text = [&](const char* key) {
    return json.value(key, std::string());
  };
  const absl::StatusOr<crypto::Bytes> salt = crypto::FromHex(text("salt"));
  if (salt.ok() && salt->size() == entry.salt.size()) {
    std::copy(salt->begin(), salt->end(), entry.salt.begin());
  }
  std::string ignored;
  absl::ParseTime(absl::RFC3339_full, text("time"), &entry.time, &ignored);
  entry.kind = EntryKind(IndexOf(kKinds, text("kind")));
  entry.operation = Operation(IndexOf(kOperations, text("operation")));
  if (text("outcome") == "allow") entry.outcome = Outcome::kAllow;
  for (const Json& item : json.value("reasons", Json::array())) {
    entry.reasons.push_back({item.value("code", std::string()),
                             item.value("clause", std::string())});
  }
  entry.agreement = text("agreement");
  entry.version = json.value("version", uint32_t{0});
  entry.digest = text("digest");
  entry.flow = text("flow");
  entry.purpose = text("purpose");
  entry.method = text("method");
  entry.dataset = text("dataset");
  entry.sender = text("sender");
  entry.recipient = text("recipient");
  entry.actor = text("actor");
  entry.actor_certificate = text("actor_certificate");
  using Map = std::map<std::string, std::string>;
  entry.accompanying = json.value("accompanying", Map());
  entry.fields = json.value("fields", std::vector<std::string>());
  entry.fields_omitted = json.value("fields_omitted", uint64_t{0});
  entry.records = json.value("records", uint64_t{0});
  entry.subject = text("subject");
  entry.manifest = text("manifest");
  entry.batch = text("batch");
  entry.detail = json.value("detail", Map());
  return entry;
}

}  // namespace

absl::string_view EntryKindName(EntryKind kind) {
  const size_t index = size_t(kind);
  return index < std::size(kKinds) ? kKinds[index] : "";
}

absl::string_view OperationName(Operation operation) {
  const size_t index = size_t(operation);
  return index < std::size(kOperations) ? kOperations[index] : "";
}

LedgerEntry FitEntry(LedgerEntry entry) {
  VisitTexts(
      entry,
      [](absl::string_view, std::string& text, size_t limit) {
        text = Clipped(text, limit);
      },
      [](absl::string_view, std::string& text, size_t digits) {
        if (!IsHex(text, digits)) text.clear();
      });
  for (auto* map : {&entry.accompanying, &entry.detail}) {
    std::map<std::string, std::string> clipped;
    for (auto& [name, value] : *map) {
      clipped.emplace(Clipped(name, kMaxEntryTextBytes), std::move(value));
    }
    *map = std::move(clipped);
  }
  // Everything is printable now, so `dump` cannot throw.
  size_t size = ToJson(entry).dump().size();
  if (size <= kMaxEntryBytes) return entry;
  // Room for `fields_omitted`, a comma, and a count of at most 16 digits.
  size += sizeof(R"("fields_omitted":,)") + 16;
  while (size > kMaxEntryBytes && !entry.fields.empty()) {
    size -= Json(entry.fields.back()).dump().size() + 1;
    entry.fields.pop_back();
    ++entry.fields_omitted;
  }
  while (size > kMaxEntryBytes) {
    if (!entry.detail.empty()) {
      entry.detail.erase(std::prev(entry.detail.end()));
    } else if (entry.reasons.size() > 1) {
      entry.reasons.pop_back();
    } else if (!entry.accompanying.empty()) {
      entry.accompanying.erase(std::prev(entry.accompanying.end()));
    } else {
      break;
    }
    size = ToJson(entry).dump().size();
  }
  return entry;
}

absl::StatusOr<std::string> SerialiseEntry(const LedgerEntry& entry) {
  if (const absl::Status status = Check(entry); !status.ok()) return status;
  std::string line = ToJson(entry).dump();
  if (line.size() > kMaxEntryBytes) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "ledger entry: ", line.size(), " bytes, over ", kMaxEntryBytes));
  }
  return line;
}

absl::StatusOr<LedgerEntry> ParseEntry(absl::string_view line) {
  if (line.size() > kMaxEntryBytes) {
    return Wrong("line", absl::StrCat("is over ", kMaxEntryBytes, " bytes"));
  }
  LedgerEntry entry;
  try {
    const Json json = Json::parse(line.begin(), line.end());
    if (!json.is_object()) return Wrong("line", "is not a JSON object");
    entry = FromJson(json);
  } catch (const nlohmann::json::exception&) {
    return Wrong("line", "is not JSON of an entry's shape");
  }
  const absl::StatusOr<std::string> again = SerialiseEntry(entry);
  if (!again.ok()) return again.status();
  if (*again != line) {
    return Wrong("line",
                 "has an unknown, repeated or misplaced key, or another "
                 "spelling than entries have");
  }
  return entry;
}

}  // namespace entente::policy
