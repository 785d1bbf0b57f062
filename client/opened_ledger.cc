#include "client/opened_ledger.h"

#include <utility>

#include "client/error.h"

namespace entente::client {

absl::StatusOr<OpenedLedger> OpenLedgerOf(Session& session,
                                          const FilterOptions& options) {
  OpenedLedger opened;
  if (!options.folder.empty()) {
    if (!options.agreement.empty()) {
      return UsageError("the ledger is in DIR or at the broker",
                        "leave one of DIR and --agreement out");
    }
    absl::StatusOr<std::vector<ReadablePart>> parts =
        OpenMirrorParts(options.folder);
    if (!parts.ok()) return parts.status();
    opened.parts = *std::move(parts);
    return opened;
  }
  const absl::StatusOr<Profile> profile = session.OpenProfile();
  if (!profile.ok()) return profile.status();
  auto at = LedgerAtBroker::Open(*profile, LedgerIdOf(options.agreement));
  if (!at.ok()) return at.status();
  opened.at = *std::move(at);
  absl::StatusOr<std::vector<ReadablePart>> parts = opened.at->OpenParts();
  if (!parts.ok()) return parts.status();
  opened.parts = *std::move(parts);
  return opened;
}

}  // namespace entente::client
