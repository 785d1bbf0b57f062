#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/profile.h"
#include "crypto/hex.h"
#include "policy/printable.h"

namespace entente::client {
namespace {

constexpr absl::string_view kRoles[] = {"system", "signatory", "auditor",
                                        "operator"};
constexpr absl::string_view kNames[] = {"agency",       "role",
                                        "trust_domain", "broker_address",
                                        "broker_name",  "broker_ledger_key"};
constexpr size_t kMaxValue = 300;

// A name or an address: printable ASCII without spaces.
bool IsPlain(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxValue &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isgraph(c); });
}

bool IsSlug(absl::string_view text) {
  return IsPlain(text) && absl::ascii_islower(text[0]) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
         });
}

bool IsAddress(absl::string_view text) {
  const size_t colon = text.rfind(':');
  uint32_t port = 0;
  return IsPlain(text) && colon != absl::string_view::npos && colon > 0 &&
         absl::SimpleAtoi(text.substr(colon + 1), &port) && port > 0 &&
         port < 65536;
}

// What is wrong with the value of `name`, or empty; sets the setting.
std::string Set(absl::string_view name, absl::string_view value,
                ProfileSettings* settings) {
  if (name == "agency") {
    if (!IsSlug(value)) return "lower-case letters, digits and hyphens";
    settings->agency = std::string(value);
  } else if (name == "role") {
    const auto* role = std::find(std::begin(kRoles), std::end(kRoles), value);
    if (role == std::end(kRoles)) {
      return "system, signatory, auditor or operator";
    }
    settings->role = static_cast<ProfileRole>(role - std::begin(kRoles));
  } else if (name == "trust_domain") {
    if (!IsPlain(value)) return "a domain name";
    settings->trust_domain = std::string(value);
  } else if (name == "broker_address") {
    if (!IsAddress(value)) return "HOST:PORT";
    settings->broker_address = std::string(value);
  } else if (name == "broker_name") {
    if (!IsPlain(value) || absl::StrContains(value, '+')) {
      return "the broker's name, without spaces and plus signs";
    }
    settings->broker_name = std::string(value);
  } else {
    const absl::StatusOr<crypto::Bytes> key = crypto::FromBase64(value);
    if (!key.ok() || key->size() != settings->ledger_key.size()) {
      return "32 bytes in base64 (44 characters)";
    }
    std::copy(key->begin(), key->end(), settings->ledger_key.begin());
  }
  return "";
}

// Reads the lines into `settings` and `seen`, and collects mistakes.
void ReadLines(absl::string_view text, absl::string_view file,
               ProfileSettings* settings, std::map<std::string, size_t>* seen,
               std::vector<std::string>* mistakes) {
  size_t number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') continue;
    const std::string at = absl::StrCat(file, ":", number, ": ");
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(':', 1));
    const absl::string_view name = absl::StripAsciiWhitespace(parts.first);
    const absl::string_view value = absl::StripAsciiWhitespace(parts.second);
    if (std::find(std::begin(kNames), std::end(kNames), name) ==
        std::end(kNames)) {
      mistakes->push_back(
          absl::StrCat(at, "no setting \"", policy::PrintableStart(name, 40),
                       "\" (allowed: ", absl::StrJoin(kNames, ", "), ")"));
      continue;
    }
    const auto [earlier, is_new] = seen->emplace(std::string(name), number);
    if (!is_new) {
      mistakes->push_back(
          absl::StrCat(at, name, ": stands already in line ", earlier->second));
      continue;
    }
    if (const std::string wanted = Set(name, value, settings);
        !wanted.empty()) {
      mistakes->push_back(absl::StrCat(at, name, ": must be ", wanted));
    }
  }
}

}  // namespace

absl::string_view ProfileRoleName(ProfileRole role) {
  return kRoles[static_cast<size_t>(role)];
}

std::string SettingsText(const ProfileSettings& settings) {
  std::string text;
  if (!settings.agency.empty()) {
    absl::StrAppend(&text, "agency: ", settings.agency, "\n");
  }
  absl::StrAppend(
      &text, "role: ", ProfileRoleName(settings.role),
      "\ntrust_domain: ", settings.trust_domain,
      "\nbroker_address: ", settings.broker_address,
      "\nbroker_name: ", settings.broker_name,
      "\nbroker_ledger_key: ", crypto::ToBase64(settings.ledger_key), "\n");
  return text;
}

absl::StatusOr<ProfileSettings> ParseSettings(absl::string_view text,
                                              absl::string_view file) {
  ProfileSettings settings;
  std::map<std::string, size_t> seen;
  std::vector<std::string> mistakes;
  ReadLines(text, file, &settings, &seen, &mistakes);
  for (const absl::string_view name : kNames) {
    if (seen.count(std::string(name)) > 0) continue;
    if (name == "agency" && settings.role == ProfileRole::kOperator) continue;
    mistakes.push_back(absl::StrCat(file, ": ", name, " is missing"));
  }
  if (!settings.agency.empty() && settings.role == ProfileRole::kOperator) {
    mistakes.push_back(
        absl::StrCat(file, ": an operator belongs to no agency"));
  }
  if (!mistakes.empty()) {
    return absl::InvalidArgumentError(absl::StrJoin(mistakes, "; "));
  }
  return settings;
}

}  // namespace entente::client
