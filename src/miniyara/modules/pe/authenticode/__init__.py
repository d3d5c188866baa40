"""Authenticode: the signatures of PE files, with certificates and countersignatures.

libyara has OpenSSL read and verify them; here it is Python. ``der`` reads the encoding,
``certificates``, ``pkcs7`` and ``timestamps`` the structures, ``signatures`` puts it all
together. Nothing here says whether a signature should be trusted.
"""
