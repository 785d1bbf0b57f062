#include "client/commands.h"

#include "client/command_agency.h"
#include "client/command_agreement_across.h"
#include "client/command_agreement_act.h"
#include "client/command_agreement_amend.h"
#include "client/command_agreement_check.h"
#include "client/command_agreement_diff.h"
#include "client/command_agreement_explain.h"
#include "client/command_agreement_export.h"
#include "client/command_agreement_history.h"
#include "client/command_agreement_new.h"
#include "client/command_agreement_overviews.h"
#include "client/command_agreement_replay.h"
#include "client/command_agreement_schema.h"
#include "client/command_agreement_show.h"
#include "client/command_agreement_sign.h"
#include "client/command_agreement_verify.h"
#include "client/command_agreement_whatif.h"
#include "client/command_audit_accept.h"
#include "client/command_audit_prove.h"
#include "client/command_audit_read.h"
#include "client/command_audit_search.h"
#include "client/command_audit_serve.h"
#include "client/command_audit_signals.h"
#include "client/command_audit_stats.h"
#include "client/command_audit_verify.h"
#include "client/command_break_glass.h"
#include "client/command_ca.h"
#include "client/command_doctor.h"
#include "client/command_enrol.h"
#include "client/command_keys.h"
#include "client/command_profile.h"
#include "client/command_receive.h"
#include "client/command_send.h"
#include "client/command_status.h"
#include "client/command_witness.h"

namespace entente::client {
namespace {

void RegisterAgreementCommands(Command& root) {
  Command group = root.Sub("agreement", "What may be shared, with whom",
                           "entente agreement check agreement.yaml");
  RegisterAgreementNew(group);
  RegisterAgreementCheck(group);
  RegisterAgreementPropose(group);
  RegisterAgreementSign(group);
  RegisterAgreementAmend(group);
  RegisterAgreementSuspend(group);
  RegisterAgreementResume(group);
  RegisterAgreementWithdraw(group);
  RegisterBreakGlassCommands(group);
  RegisterAgreementShow(group);
  RegisterAgreementVersions(group);
  RegisterAgreementSignatures(group);
  RegisterAgreementList(group);
  RegisterAgreementExplain(group);
  RegisterAgreementWhatif(group);
  RegisterAgreementDiff(group);
  RegisterAgreementReplay(group);
  RegisterAgreementCoverage(group);
  RegisterAgreementMatrix(group);
  RegisterAgreementClauses(group);
  RegisterAgreementCalendar(group);
  RegisterAgreementOverlaps(group);
  RegisterAgreementReciprocity(group);
  RegisterAgreementExport(group);
  RegisterAgreementVerify(group);
  RegisterAgreementSchema(group);
}

void RegisterAuditCommands(Command& root) {
  Command group = root.Sub("audit", "Ledgers, and whether they are whole",
                           "entente audit verify ledger/");
  RegisterAuditRead(group);
  RegisterAuditVerify(group);
  RegisterAuditProve(group);
  RegisterAuditSearch(group);
  RegisterAuditStats(group);
  RegisterAuditSignals(group);
  RegisterAuditServe(group);
  RegisterAuditAccept(group);
}

}  // namespace

std::vector<Registration> AllCommands() {
  return {RegisterCaCommands,
          RegisterProfileCommands,
          RegisterKeysCommands,
          RegisterAgencyCommands,
          RegisterAgreementCommands,
          RegisterAuditCommands,
          RegisterWitnessCommands,
          RegisterReceive,
          RegisterStatusCommand,
          RegisterDoctor,
          RegisterEnrol,
          RegisterSend};
}

}  // namespace entente::client
