import socket, ssl, sys

ca, port, host, crl = sys.argv[1:5]
context = ssl.create_default_context(cafile=ca)
context.check_hostname = bool(host)
if crl:
    context.load_verify_locations(crl)
    context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
with socket.create_connection(("127.0.0.1", int(port)), 10) as plain:
    context.wrap_socket(plain, server_hostname=host or None).close()
