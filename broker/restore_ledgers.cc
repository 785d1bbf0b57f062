#include "broker/restore_ledgers.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/ledger/ledger_restore.h"
#include "broker/ledger/next_part.h"
#include "broker/store/agencies_table.h"
#include "broker/store/ledger_table.h"
#include "certs/identity.h"
#include "policy/ledger_entry.h"
#include "policy/ledger_part.h"

namespace entente::broker {
namespace {

std::string IdOf(const std::string& origin) {
  return origin.substr(origin.rfind('/') + 1);
}

// Whether an act has left rows in the database that a restore lacks.
bool LeavesRows(policy::EntryKind kind) {
  switch (kind) {
    case policy::EntryKind::kStageExpired:
    case policy::EntryKind::kBrokerStarted:
    case policy::EntryKind::kBrokerStopped:
    case policy::EntryKind::kLedgerContinued:
    case policy::EntryKind::kLedgerRead:
    case policy::EntryKind::kLedgerExported:
    case policy::EntryKind::kRefusedLogin:
    case policy::EntryKind::kRefusedCall:
    case policy::EntryKind::kLedgerRecorded:
      return false;
    default:
      return true;
  }
}

// Revokes again what `entry` says was revoked; counts any other act.
absl::Status Redo(Transaction& transaction, const std::string& line,
                  RestoreReport* report) {
  const auto entry = policy::ParseEntry(line);
  if (!entry.ok() || entry->outcome != policy::Outcome::kAllow) {
    return absl::OkStatus();
  }
  if (entry->kind != policy::EntryKind::kCertificateRevoked) {
    if (LeavesRows(entry->kind)) {
      ++report->lost_acts[std::string(policy::EntryKindName(entry->kind))];
    }
    return absl::OkStatus();
  }
  const auto actor = certs::Identity::Parse(entry->actor);
  if (!actor.ok()) return absl::DataLossError(actor.status().message());
  const auto reason = entry->detail.find("reason");
  return AgenciesTable(transaction)
      .Revoke({entry->subject, actor->agency,
               reason == entry->detail.end() ? "" : reason->second,
               entry->actor, entry->time})
      .status();
}

// The longest mirror of a part; null if there is none.
const MirrorFolder* Longest(const std::vector<MirrorFolder>& mirrors,
                            const std::string& origin) {
  const MirrorFolder* found = nullptr;
  for (const MirrorFolder& mirror : mirrors) {
    if (mirror.origin() != origin) continue;
    if (found == nullptr || found->size() < mirror.size()) found = &mirror;
  }
  return found;
}

// A part that was signed, and its place in its ledger.
struct SignedPart {
  policy::LedgerPart part;
  Anchor anchor;
};

// Each ledger's parts in their order.
absl::StatusOr<std::vector<SignedPart>> InOrder(const Anchors& known) {
  std::vector<SignedPart> parts;
  for (const auto& [origin, anchor] : known) {
    const auto part = policy::ParsePartName(IdOf(origin));
    if (!part.ok()) {
      return absl::DataLossError(absl::StrCat("the anchor of ", origin, ": ",
                                              part.status().message()));
    }
    parts.push_back({*part, anchor});
  }
  std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) {
    return std::tie(a.part.ledger, a.part.part) <
           std::tie(b.part.ledger, b.part.part);
  });
  return parts;
}

// That the database has what `anchor` says, of which it has enough.
absl::Status CheckSame(Transaction& transaction, const LedgerLog& ledgers,
                       const std::string& id, const Anchor& anchor) {
  const auto root = ledgers.RootAt(transaction, id, anchor.size);
  if (!root.ok()) return root.status();
  if (*root == anchor.root) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("ledger ", id, ": the first ", anchor.size,
                   " entries of the database are not those that were signed; "
                   "take a backup of this broker"));
}

absl::Status TakeFrom(Transaction& transaction, const LedgerLog& ledgers,
                      const MirrorFolder& mirror, uint64_t begin,
                      const SignedPart& signed_part, RestoreReport* report) {
  const Anchor& anchor = signed_part.anchor;
  const std::string id = IdOf(anchor.origin);
  const auto entries = mirror.Entries(begin, anchor.size);
  if (!entries.ok()) return entries.status();
  if (absl::Status put =
          RestoreEntries(transaction, ledgers, id, anchor, *entries);
      !put.ok()) {
    return absl::Status(put.code(),
                        absl::StrCat(mirror.path(), ": ", put.message()));
  }
  for (const std::string& line : *entries) {
    if (absl::Status redone = Redo(transaction, line, report); !redone.ok()) {
      return redone;
    }
  }
  report->restored[id] = entries->size();
  return absl::OkStatus();
}

absl::Status RestorePart(Transaction& transaction, const LedgerLog& ledgers,
                         const SignedPart& signed_part,
                         const std::vector<MirrorFolder>& mirrors,
                         RestoreReport* report) {
  const Anchor& anchor = signed_part.anchor;
  const std::string id = IdOf(anchor.origin);
  const auto head = ledgers.Head(transaction, id);
  if (!head.ok() && !absl::IsNotFound(head.status())) return head.status();
  const uint64_t size = head.ok() ? head->size : 0;
  if (head.ok() && size >= anchor.size) {
    return CheckSame(transaction, ledgers, id, anchor);
  }
  if (head.ok()) {
    const auto newest = ledgers.Newest(transaction, signed_part.part.ledger);
    if (!newest.ok()) return newest.status();
    // A part that is closed was given up beyond what it holds.
    if (newest->name != id) return absl::OkStatus();
  }
  const MirrorFolder* mirror = Longest(mirrors, anchor.origin);
  if (mirror != nullptr && mirror->size() >= anchor.size) {
    return TakeFrom(transaction, ledgers, *mirror, size, signed_part, report);
  }
  report->missing[signed_part.part.ledger] = absl::StrCat(
      "entries ", size, " to ", anchor.size - 1, " of ", id, ": ",
      mirror == nullptr
          ? std::string("no mirror of it was given")
          : absl::StrCat(mirror->path(), " ends at ", mirror->size()));
  return absl::OkStatus();
}

}  // namespace

absl::Status AddSignedOf(const LedgerLog& ledgers,
                         const std::vector<MirrorFolder>& mirrors,
                         Anchors* known) {
  for (const MirrorFolder& mirror : mirrors) {
    const std::string id = IdOf(mirror.origin());
    const SignedHead head = {mirror.size(), mirror.root(), mirror.checkpoint()};
    // Without anchors, our signature is all that tells a mirror from a forgery.
    if (absl::Status ours = ledgers.VerifyCheckpoint(id, head); !ours.ok()) {
      return absl::Status(ours.code(),
                          absl::StrCat(mirror.path(), ": ", ours.message()));
    }
    Anchor& anchor = (*known)[mirror.origin()];
    if (anchor.size > head.size) continue;
    anchor = {mirror.origin(), head.size, head.root};
  }
  return absl::OkStatus();
}

absl::Status RestoreParts(Transaction& transaction, const LedgerLog& ledgers,
                          const Anchors& known,
                          const std::vector<MirrorFolder>& mirrors,
                          RestoreReport* report) {
  const auto parts = InOrder(known);
  if (!parts.ok()) return parts.status();
  for (const SignedPart& part : *parts) {
    // A part cannot follow one that is not whole.
    if (report->missing.count(part.part.ledger) != 0) continue;
    const absl::Status done =
        RestorePart(transaction, ledgers, part, mirrors, report);
    if (!done.ok()) return done;
  }
  return absl::OkStatus();
}

absl::Status OpenNextParts(Transaction& transaction, const LedgerLog& ledgers,
                           const Anchors& known, bool of_all, absl::Time now,
                           RestoreReport* report) {
  std::set<std::string> due;
  for (const auto& [ledger, what] : report->missing) due.insert(ledger);
  if (of_all) {
    const auto rows = LedgerTable(transaction).List();
    if (!rows.ok()) return rows.status();
    for (const LedgerRow& row : *rows) {
      due.insert(row.id.substr(0, row.id.find('.')));
    }
  }
  const auto parts = InOrder(known);
  if (!parts.ok()) return parts.status();
  for (const std::string& ledger : due) {
    const auto newest = ledgers.Newest(transaction, ledger);
    if (!newest.ok() && !absl::IsNotFound(newest.status())) {
      return newest.status();
    }
    const std::string id = newest.ok() ? newest->name : ledger;
    PartsSigned signed_parts;
    for (const SignedPart& part : *parts) {
      if (part.part.ledger != ledger) continue;
      signed_parts.highest = part.part.part;
      if (IdOf(part.anchor.origin) == id) signed_parts.size = part.anchor.size;
    }
    auto next =
        OpenNextPart(transaction, ledgers, ledger,
                     policy::ContinuationReason::kRestored, signed_parts, now);
    if (!next.ok()) return next.status();
    report->opened[ledger] = *std::move(next);
    report->missing.erase(ledger);
  }
  return absl::OkStatus();
}

absl::StatusOr<Anchors> HeadsOf(Transaction& transaction,
                                const LedgerLog& ledgers) {
  const auto rows = LedgerTable(transaction).List();
  if (!rows.ok()) return rows.status();
  Anchors heads;
  for (const LedgerRow& row : *rows) {
    const auto head = ledgers.Head(transaction, row.id);
    if (!head.ok()) return head.status();
    heads[row.origin] = {row.origin, head->size, head->root};
  }
  return heads;
}

}  // namespace entente::broker
