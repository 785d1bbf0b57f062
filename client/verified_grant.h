// Break-glass grants, as those who gave them signed them.
#ifndef ENTENTE_CLIENT_VERIFIED_GRANT_H_
#define ENTENTE_CLIENT_VERIFIED_GRANT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "certs/break_glass_act.h"
#include "client/knowledge_table.h"
#include "client/output.h"
#include "client/profile.h"
#include "client/rpc/broker_link.h"
#include "client/verified_agreement.h"
#include "entente/v1/break_glass.pb.h"
#include "policy/agreement.h"
#include "policy/break_glass.h"
#include "policy/ledger_entry.h"

namespace entente::client {

// An act on a grant, found to be what its signatory signed, and in the ledger.
struct VerifiedGrantAct {
  certs::BreakGlassAct act;
  std::string by;    // the signatory's identity
  std::string spki;  // SHA-256 of its key, hex
  uint64_t entry = 0;
  absl::Time recorded;
};

// A grant of which nothing rests on the broker's word, but that nothing more
// happened to it: that is in the ledger.
struct VerifiedGrant {
  policy::Grant grant;
  policy::GrantLife life;
  uint32_t minutes = 0;
  std::string approver;  // agency; empty before
  bool overdue_noted = false;
  // In the order in which they were done, the first asks.
  std::vector<VerifiedGrantAct> acts;
};

// The kind of the entry of an act.
policy::EntryKind EntryOfGrantAct(certs::GlassActKind kind);

// `served`, held to `document`, which has the SHA-256 `digest` (hex): who asked
// and who approved it are two, of different parties, or the second an overseer;
// each is a signatory who has a line in the document, under the root that it
// names; every act was recorded when it was signed, in the agreement's ledger;
// and what was asked is what the document lists. As HoldToLedger
// (client/verified_document.h); DataLoss (exit 6) for anything else.
absl::StatusOr<VerifiedGrant> VerifyGrant(BrokerLink& link,
                                          const Profile& profile,
                                          KnowledgeTable* knowledge,
                                          const policy::Agreement& document,
                                          const std::string& digest,
                                          const v1::ServedGrant& served);

// Fetches the grant `id` (64 hexadecimal digits), which is to be one under
// `document`, and verifies it. As the broker refuses, and as above.
absl::StatusOr<VerifiedGrant> FetchGrant(BrokerLink& link,
                                         const Profile& profile,
                                         KnowledgeTable* knowledge,
                                         const policy::Agreement& document,
                                         const std::string& digest,
                                         const std::string& id);

// The grant `id` as the broker serves it, and the version under which that
// says it was asked for: both to be verified. As the broker refuses; DataLoss.
absl::StatusOr<v1::ServedGrant> FetchServed(BrokerLink& link,
                                            const std::string& agreement,
                                            const std::string& id);
absl::StatusOr<uint32_t> VersionAsked(const v1::ServedGrant& served);

// As the broker serves them, the newest first: all pages.
absl::StatusOr<std::vector<v1::ServedGrant>> ServedGrants(
    BrokerLink& link, const std::string& agreement);

// The id of the one grant of `agreement` that begins with `prefix`, 8 to 64
// hexadecimal digits: as the broker lists them. A usage error if it is none, or
// begins more than one; the code GRANT_UNKNOWN if there is none.
absl::StatusOr<std::string> FindGrant(BrokerLink& link,
                                      const std::string& agreement,
                                      const std::string& prefix);

// The grant of `verified` that begins with `prefix`, to send under it. As
// FindGrant and FetchGrant; the code GRANT_DIFFERS (exit 3) if it was asked for
// under another version than the one in force.
absl::StatusOr<policy::Grant> GrantToSendUnder(
    BrokerLink& link, const Profile& profile, KnowledgeTable* knowledge,
    const VerifiedAgreement& verified, const std::string& prefix);

// {"grant","state","mode","flow","sender","recipient","purpose",
// "case_reference","fields","minutes","asked_by","reason","asked",
// "approved_by","open_from","open_until","report_due","reported_by","report"}.
// What did not happen is null.
Record ToRecord(const VerifiedGrant& grant, absl::Time now);

// The broker's word, as status and list show it:
// {"grant","state","mode","asked_by","approved_by","until"}.
Record ToRecord(const v1::BreakGlassNotice& notice);

// `break-glass 1f2e3d4c is open until 2026-12-01T12:30:00Z: asked for by a,
// approved by b`.
std::string NoticeInWords(const v1::BreakGlassNotice& notice);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_VERIFIED_GRANT_H_
