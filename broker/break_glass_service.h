// Break-glass: asked for by one, granted by another, ended by anybody,
// reported on.
#ifndef ENTENTE_BROKER_BREAK_GLASS_SERVICE_H_
#define ENTENTE_BROKER_BREAK_GLASS_SERVICE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "broker/context.h"
#include "broker/grant_state.h"
#include "broker/grant_steps.h"
#include "broker/rpc/caller.h"
#include "certs/break_glass_act.h"
#include "entente/v1/break_glass.pb.h"
#include "policy/compiled_agreement.h"

namespace entente::broker {

// The envelope of an act, and grants of one agreement that are not settled.
inline constexpr size_t kMaxGlassEnvelopeBytes = 64 << 10;
inline constexpr size_t kMaxUnsettledGrants = 16;
// Grants in a page of the list.
inline constexpr int kMaxGrantsPage = 100;
inline constexpr int kDefaultGrantsPage = 20;

// The service of proto/entente/v1/break_glass.proto, which lists the errors.
// Every act is in the agreement's ledger, and in force for the next decision,
// when it returns; the same act again gets the first answer; of two at once the
// second meets the state that the first made. Thread-safe; every method blocks.
class BreakGlassService {
 public:
  explicit BreakGlassService(const Context& context) : context_(context) {}

  absl::Status Ask(const Caller& caller,
                   const v1::AskBreakGlassRequest& request,
                   v1::AskBreakGlassResponse* response);
  absl::Status Approve(const Caller& caller,
                       const v1::ApproveBreakGlassRequest& request,
                       v1::ApproveBreakGlassResponse* response);
  absl::Status Close(const Caller& caller,
                     const v1::CloseBreakGlassRequest& request,
                     v1::CloseBreakGlassResponse* response);
  absl::Status Report(const Caller& caller,
                      const v1::ReportBreakGlassRequest& request,
                      v1::ReportBreakGlassResponse* response);
  absl::Status List(const Caller& caller,
                    const v1::ListBreakGlassRequest& request,
                    v1::ListBreakGlassResponse* response);

  // As NoteGrants (broker/grant_steps.h), once a second.
  absl::Status NoteDue() { return NoteGrants(context_); }

 private:
  // An act that was found to be the caller's own, of now, and of the kind of
  // the call.
  struct Told {
    certs::SignedBreakGlassAct signed_act;
    std::shared_ptr<const policy::CompiledAgreement> agreement;
    std::vector<uint8_t> grant;  // of kAsk: its own digest
  };

  absl::Status Act(const Caller& caller, const std::string& id,
                   absl::string_view envelope, certs::GlassActKind kind,
                   v1::BreakGlassNotice* notice, v1::Receipt* receipt);
  absl::StatusOr<Told> ReadAct(const Caller& caller,
                               const policy::AgreementRecord& record,
                               absl::string_view envelope,
                               certs::GlassActKind kind, absl::Time now) const;
  // Sets `earlier`, and writes nothing, if the same act was done.
  absl::StatusOr<std::vector<PendingEntry>> Write(
      Transaction& transaction, const Caller& caller, const Told& told,
      absl::string_view envelope, policy::LedgerEntry entry,
      absl::optional<uint64_t>* earlier) const;
  // Whether the act is legal on `state`, which is that of the grant before it;
  // null if it is asked for.
  absl::Status CheckLegal(Transaction& transaction, const Caller& caller,
                          const Told& told, const std::vector<GlassRow>& rows,
                          const GrantState* state, absl::Time now) const;
  absl::Status CheckAsk(Transaction& transaction, const Caller& caller,
                        const Told& told, absl::Time now) const;
  absl::Status CheckApprove(Transaction& transaction, const Caller& caller,
                            const Told& told, const GlassRow& asked,
                            const GrantState& state, absl::Time now) const;
  // Records a refusal where it belongs.
  absl::Status Refused(const Caller& caller, policy::LedgerEntry entry,
                       const absl::Status& refusal) const;
  absl::Status FillGrant(const std::vector<GlassRow>& rows,
                         v1::ServedGrant* served) const;

  const Context context_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_BREAK_GLASS_SERVICE_H_
