#include "policy/ledger_part.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "crypto/hex.h"

namespace entente::policy {
namespace {

constexpr char kOrigin[] = "origin";
constexpr char kSize[] = "size";
constexpr char kReason[] = "reason";
constexpr char kSignedSize[] = "signed_size";

// Indexed by ContinuationReason.
constexpr const char* kReasonWords[] = {"restored", "rolled"};

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("the entry does not continue a ledger: ", what));
}

// A number as StrCat writes it.
bool ParseNumber(const std::string& text, uint64_t* number) {
  return absl::SimpleAtoi(text, number) && absl::StrCat(*number) == text;
}

std::string DetailOf(const LedgerEntry& entry, const char* name) {
  const auto found = entry.detail.find(name);
  return found == entry.detail.end() ? "" : found->second;
}

}  // namespace

std::string PartName(absl::string_view ledger, uint32_t part) {
  return part == 0 ? std::string(ledger) : absl::StrCat(ledger, ".", part);
}

absl::StatusOr<LedgerPart> ParsePartName(absl::string_view name) {
  const size_t dot = name.find('.');
  LedgerPart read;
  read.ledger = std::string(name.substr(0, dot));
  const bool has_number = dot != absl::string_view::npos;
  const bool good =
      !has_number || (absl::SimpleAtoi(name.substr(dot + 1), &read.part) &&
                      read.part >= 1 && read.part <= kMaxLedgerPart);
  if (!good || read.ledger.empty() ||
      std::any_of(read.ledger.begin(), read.ledger.end(),
                  absl::ascii_isspace) ||
      PartName(read.ledger, read.part) != name) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", name, "\" is no part of a ledger"));
  }
  return read;
}

LedgerEntry ContinuationEntry(LedgerEntry entry, const Continuation& says) {
  entry.kind = EntryKind::kLedgerContinued;
  entry.outcome = Outcome::kAllow;
  entry.subject = crypto::ToHex(says.root);
  entry.detail = {{kOrigin, says.origin},
                  {kSize, absl::StrCat(says.size)},
                  {kReason, kReasonWords[size_t(says.reason)]}};
  if (says.signed_size > says.size) {
    entry.detail[kSignedSize] = absl::StrCat(says.signed_size);
  }
  return entry;
}

absl::StatusOr<Continuation> ReadContinuation(const LedgerEntry& entry) {
  if (entry.kind != EntryKind::kLedgerContinued ||
      entry.outcome != Outcome::kAllow) {
    return Wrong("it is of another kind");
  }
  Continuation says;
  says.origin = DetailOf(entry, kOrigin);
  if (says.origin.empty()) return Wrong("it names no origin");
  if (!ParseNumber(DetailOf(entry, kSize), &says.size)) {
    return Wrong("its size is no number");
  }
  const absl::StatusOr<crypto::Bytes> root = crypto::FromHex(entry.subject);
  if (!root.ok() || root->size() != says.root.size()) {
    return Wrong("its subject is no root");
  }
  std::copy(root->begin(), root->end(), says.root.begin());
  const std::string reason = DetailOf(entry, kReason);
  const auto* const known =
      std::find(std::begin(kReasonWords), std::end(kReasonWords), reason);
  if (known == std::end(kReasonWords)) return Wrong("its reason is unknown");
  says.reason = ContinuationReason(known - std::begin(kReasonWords));
  const std::string signed_size = DetailOf(entry, kSignedSize);
  if (!signed_size.empty() && (!ParseNumber(signed_size, &says.signed_size) ||
                               says.signed_size <= says.size)) {
    return Wrong("its signed size is not above its size");
  }
  // Whatever else it says, nobody has read.
  if (ContinuationEntry(entry, says) != entry) {
    return Wrong("it has other details");
  }
  return says;
}

}  // namespace entente::policy
