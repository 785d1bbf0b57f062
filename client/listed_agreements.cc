#include "client/listed_agreements.h"

namespace entente::client {
namespace {

constexpr int kPage = 500;

}  // namespace

absl::StatusOr<std::vector<v1::ListedAgreement>> ListAgreements(
    BrokerLink& link) {
  std::vector<v1::ListedAgreement> listed;
  v1::ListAgreementsRequest request;
  request.set_page_size(kPage);
  do {
    const auto page =
        Call(link.agreements(), &v1::Agreements::Stub::ListAgreements, request);
    if (!page.ok()) return page.status();
    listed.insert(listed.end(), page->agreements().begin(),
                  page->agreements().end());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return listed;
}

absl::StatusOr<uint32_t> HighestVersion(BrokerLink& link,
                                        const std::string& agreement) {
  const auto listed = ListAgreements(link);
  if (!listed.ok()) return listed.status();
  for (const v1::ListedAgreement& one : *listed) {
    if (one.agreement() == agreement) return one.version();
  }
  return 0;
}

}  // namespace entente::client
