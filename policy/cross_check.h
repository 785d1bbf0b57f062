#ifndef ENTENTE_POLICY_CROSS_CHECK_H_
#define ENTENTE_POLICY_CROSS_CHECK_H_

#include "policy/agreement.h"
#include "policy/reporter.h"

// What the parts of an agreement may say to each other. Each function reports
// every breach it finds. They compare only what was read without error, item by
// item, so that one slip is not reported twice and hides nothing elsewhere;
// CheckDeclared always runs, and must run before the reporter is frozen.
namespace entente::policy {

// Everything below, and a warning that queries are not built.
void CheckAcross(const Agreement& agreement, Reporter* reporter);

// Every party, purpose, data set, list and field that is named is declared.
void CheckDeclared(const Agreement& agreement, Reporter* reporter);
// Every party, purpose, data set and list that is declared is used. A
// processor is used by being listed in `onward`.
void CheckUsed(const Agreement& agreement, Reporter* reporter);
// Flow ids differ; no processor in a flow; somebody else to send to; no two
// flows on one (sender, recipient, purpose, dataset); onward rule and list.
void CheckRoutes(const Agreement& agreement, Reporter* reporter);
// A lawful basis for both ends of every flow, with its special conditions.
void CheckBasis(const Agreement& agreement, Reporter* reporter);
// What the kind asks for beyond that.
//   inter_force        Both ends of every flow are law enforcement bodies.
//   safeguarding_hub   What is about people is shared case by case: each
//   request
//                      carries the case or the reason, holds no more records
//                      than a stated limit, and is no extract.
//   police_private     A flow to a private partner, a party under the UK GDPR,
//                      names who there may see it, and has an age rule if
//                      children may be in the data, or are promised not to be;
//                      nothing is passed on to whom nobody listed.
//   academic_research  Recipients of pseudonyms have sealed domains; no free
//                      text about people is released as it is; a count is small
//                      (small_count), or the smallest cell is stated.
// Ethics approval is in CheckDays.
void CheckKinds(const Agreement& agreement, Reporter* reporter);
// Treatments, row rules and retention fit the types of their fields; lists hold
// what is compared with them; `category` has groups for all of a field's list.
void CheckFields(const Agreement& agreement, Reporter* reporter);
// Limits, proof and the terms of queries fit the methods.
void CheckMethods(const Agreement& agreement, Reporter* reporter);
// Days are in order; assessments are dated before the start and not overdue at
// it; research has ethics; project ends; versions and handover.
void CheckDays(const Agreement& agreement, Reporter* reporter);
// Whoever requires witnesses names them; no quorum is larger than their number;
// no two have one key.
void CheckWitnesses(const Agreement& agreement, Reporter* reporter);
// Roots and overseers are not shared; every party signs, each line by a post
// and a certificate of its own.
void CheckSignatories(const Agreement& agreement, Reporter* reporter);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_CROSS_CHECK_H_
