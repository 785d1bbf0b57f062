// How a break-glass grant stands, from the steps that the store has of it.
#ifndef ENTENTE_BROKER_GRANT_STATE_H_
#define ENTENTE_BROKER_GRANT_STATE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "broker/store/glass_table.h"
#include "entente/v1/break_glass.pb.h"
#include "policy/break_glass.h"
#include "policy/register.h"

namespace entente::broker {

using policy::GrantPhase;
using policy::kMaxApprovalWait;
using policy::PhaseName;

struct GrantState {
  policy::Grant grant;
  policy::GrantLife life;
  int64_t minutes = 0;
  std::string asker;     // agency
  std::string approver;  // agency; empty before
  bool approved = false;
  bool overdue_noted = false;
  size_t steps = 0;  // rows that it was read from: more is newer

  GrantPhase At(absl::Time now) const {
    return policy::PhaseAt(grant, life, now);
  }
  // When the report is due; InfiniteFuture before it is approved.
  absl::Time due() const { return policy::ReportDue(grant, life); }
};

// From the rows of one grant (GlassTable::OfGrant), at least the first of which
// is there. `known` has the document, which says how soon the report is due.
// DataLoss if what was asked does not read.
absl::StatusOr<GrantState> GrantOf(const std::vector<GlassRow>& rows,
                                   const policy::Register& known);

// The same from the store. NotFound if there is no such grant.
absl::StatusOr<GrantState> ReadGrant(Transaction& transaction,
                                     const policy::Register& known,
                                     absl::string_view id,
                                     absl::Span<const uint8_t> grant);

// What every party is told of it.
void FillNotice(const GrantState& state, absl::Time now,
                v1::BreakGlassNotice* notice);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_GRANT_STATE_H_
