#include "policy/request_reasons.h"

namespace entente::policy {

bool IsAboutRequest(Reason reason) {
  switch (reason) {
    case Reason::kNoAgreement:
    case Reason::kNotYourAgency:
    case Reason::kSenderNotParty:
    case Reason::kRecipientNotParty:
    case Reason::kSameParty:
    case Reason::kPurposeNotInAgreement:
    case Reason::kDatasetNotInAgreement:
    case Reason::kNoFlow:
    case Reason::kAmbiguous:
    case Reason::kMethodNotAllowed:
    case Reason::kMissing:
    case Reason::kFieldNotReleased:
    case Reason::kFieldMissing:
    case Reason::kFieldRepeated:
    case Reason::kWrongForm:
    case Reason::kNoFieldReleased:
    case Reason::kTooManyRecords:
    case Reason::kGrantUnknown:
    case Reason::kGrantNotListed:
    case Reason::kGrantDiffers:
    case Reason::kDomainSealed:
    case Reason::kSchemeNotInAgreement:
    case Reason::kRoleNotAllowed:
    case Reason::kNoLedger:
      return true;
    default:
      return false;
  }
}

}  // namespace entente::policy
