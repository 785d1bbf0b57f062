#include "certs/tls_policy.h"

#include <openssl/ssl.h>

#include "gtest/gtest.h"

namespace entente::certs {
namespace {

TEST(TlsPolicy, LeavesTls13AloneWithoutTickets) {
  ASSERT_TRUE(ApplyTlsPolicy().ok());
  SSL_CTX* context = SSL_CTX_new(TLS_method());
  ASSERT_NE(context, nullptr);
  EXPECT_NE(SSL_CTX_get_options(context) & SSL_OP_NO_TLSv1_2, 0u);
  EXPECT_NE(SSL_CTX_get_options(context) & SSL_OP_NO_TICKET, 0u);
  EXPECT_EQ(SSL_CTX_get_num_tickets(context), 0u);
  SSL_CTX_free(context);
}

}  // namespace
}  // namespace entente::certs
