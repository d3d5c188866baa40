"""What OpenSSL calls the objects that signatures and certificates name by numbers.

The tables have what can stand where a name is shown: kinds of names of persons, and
algorithms. Follows OpenSSL 1.1's ``objects.txt``, with which yara-python is built.
"""

from __future__ import annotations

from typing import Final

UNKNOWN: Final = "undefined"
"""The name of an algorithm that has none."""


def table(arcs: dict[str, str]) -> dict[str, str]:
    """Return names by identifier; they are listed by the last number, a line each."""
    return {
        f"{arc}.{number}": name
        for arc, lines in arcs.items()
        for number, _, name in (line.strip().partition(" ") for line in lines.strip().split("\n"))
    }


SHORT_NAMES: Final = table(
    {
        "0.9.2342.19200300.100.1": """
            1 UID
            2 textEncodedORAddress
            3 mail
            4 info
            5 favouriteDrink
            6 roomNumber
            7 photo
            8 userClass
            9 host
            10 manager
            11 documentIdentifier
            12 documentTitle
            13 documentVersion
            14 documentAuthor
            15 documentLocation
            20 homeTelephoneNumber
            21 secretary
            22 otherMailbox
            23 lastModifiedTime
            24 lastModifiedBy
            25 DC
            26 aRecord
            27 pilotAttributeType27
            28 mXRecord
            29 nSRecord
            30 sOARecord
            31 cNAMERecord
            37 associatedDomain
            38 associatedName
            39 homePostalAddress
            40 personalTitle
            41 mobileTelephoneNumber
            42 pagerTelephoneNumber
            43 friendlyCountryName
            44 uid
            45 organizationalStatus
            46 janetMailbox
            47 mailPreferenceOption
            48 buildingName
            49 dSAQuality
            50 singleLevelQuality
            51 subtreeMinimumQuality
            52 subtreeMaximumQuality
            53 personalSignature
            54 dITRedirect
            55 audio
            56 documentPublisher
        """,
        "1.2.840.113549.1.9": """
            1 emailAddress
            2 unstructuredName
            3 contentType
            4 messageDigest
            5 signingTime
            6 countersignature
            7 challengePassword
            8 unstructuredAddress
            9 extendedCertificateAttributes
            14 extReq
            15 SMIME-CAPS
            16 SMIME
            20 friendlyName
            21 localKeyID
        """,
        "1.3.6.1.4.1.311.60.2.1": """
            1 jurisdictionL
            2 jurisdictionST
            3 jurisdictionC
        """,
        "2.5.4": """
            3 CN
            4 SN
            5 serialNumber
            6 C
            7 L
            8 ST
            9 street
            10 O
            11 OU
            12 title
            13 description
            14 searchGuide
            15 businessCategory
            16 postalAddress
            17 postalCode
            18 postOfficeBox
            19 physicalDeliveryOfficeName
            20 telephoneNumber
            21 telexNumber
            22 teletexTerminalIdentifier
            23 facsimileTelephoneNumber
            24 x121Address
            25 internationaliSDNNumber
            26 registeredAddress
            27 destinationIndicator
            28 preferredDeliveryMethod
            29 presentationAddress
            30 supportedApplicationContext
            31 member
            32 owner
            33 roleOccupant
            34 seeAlso
            35 userPassword
            36 userCertificate
            37 cACertificate
            38 authorityRevocationList
            39 certificateRevocationList
            40 crossCertificatePair
            41 name
            42 GN
            43 initials
            44 generationQualifier
            45 x500UniqueIdentifier
            46 dnQualifier
            47 enhancedSearchGuide
            48 protocolInformation
            49 distinguishedName
            50 uniqueMember
            51 houseIdentifier
            52 supportedAlgorithms
            53 deltaRevocationList
            54 dmdName
            65 pseudonym
            72 role
            97 organizationIdentifier
            98 c3
            99 n3
            100 dnsName
        """,
    }
)
"""Kinds of names, as they are in the one line for a person."""

LONG_NAMES: Final = table(
    {
        "1.0.10118.3.0": """
            55 whirlpool
        """,
        "1.2.156.10197.1": """
            401 sm3
            504 sm3WithRSAEncryption
        """,
        "1.2.643.2.2": """
            3 GOST R 34.11-94 with GOST R 34.10-2001
            4 GOST R 34.11-94 with GOST R 34.10-94
            9 GOST R 34.11-94
            98 GOST R 34.10-2001 DH
            99 GOST R 34.10-94 DH
        """,
        "1.2.643.7.1.1.2": """
            2 GOST R 34.11-2012 with 256 bit hash
            3 GOST R 34.11-2012 with 512 bit hash
        """,
        "1.2.643.7.1.1.3": """
            2 GOST R 34.10-2012 with GOST R 34.11-2012 (256 bit)
            3 GOST R 34.10-2012 with GOST R 34.11-2012 (512 bit)
        """,
        "1.2.840.10040.4": """
            1 dsaEncryption
            3 dsaWithSHA1
        """,
        "1.2.840.10045.4": """
            1 ecdsa-with-SHA1
            2 ecdsa-with-Recommended
            3 ecdsa-with-Specified
        """,
        "1.2.840.10045.4.3": """
            1 ecdsa-with-SHA224
            2 ecdsa-with-SHA256
            3 ecdsa-with-SHA384
            4 ecdsa-with-SHA512
        """,
        "1.2.840.113549.1.1": """
            1 rsaEncryption
            2 md2WithRSAEncryption
            3 md4WithRSAEncryption
            4 md5WithRSAEncryption
            5 sha1WithRSAEncryption
            6 rsaOAEPEncryptionSET
            7 rsaesOaep
            8 mgf1
            9 pSpecified
            10 rsassaPss
            11 sha256WithRSAEncryption
            12 sha384WithRSAEncryption
            13 sha512WithRSAEncryption
            14 sha224WithRSAEncryption
            15 sha512-224WithRSAEncryption
            16 sha512-256WithRSAEncryption
        """,
        "1.2.840.113549.2": """
            2 md2
            4 md4
            5 md5
            6 hmacWithMD5
            7 hmacWithSHA1
            8 hmacWithSHA224
            9 hmacWithSHA256
            10 hmacWithSHA384
            11 hmacWithSHA512
            12 hmacWithSHA512-224
            13 hmacWithSHA512-256
        """,
        "1.3.6.1.4.1.1722.12.2.1": """
            16 blake2b512
        """,
        "1.3.6.1.4.1.1722.12.2.2": """
            8 blake2s256
        """,
        "1.3.14.3.2": """
            3 md5WithRSA
            6 des-ecb
            7 des-cbc
            8 des-ofb
            9 des-cfb
            11 rsaSignature
            12 dsaEncryption-old
            13 dsaWithSHA
            15 shaWithRSAEncryption
            17 des-ede
            18 sha
            26 sha1
            27 dsaWithSHA1-old
            29 sha1WithRSA
        """,
        "1.3.36.3.2": """
            1 ripemd160
        """,
        "1.3.36.3.3.1": """
            2 ripemd160WithRSA
        """,
        "1.3.36.3.3.2.8.1.1": """
            1 brainpoolP160r1
            2 brainpoolP160t1
            3 brainpoolP192r1
            4 brainpoolP192t1
            5 brainpoolP224r1
            6 brainpoolP224t1
            7 brainpoolP256r1
            8 brainpoolP256t1
            9 brainpoolP320r1
            10 brainpoolP320t1
            11 brainpoolP384r1
            12 brainpoolP384t1
            13 brainpoolP512r1
            14 brainpoolP512t1
        """,
        "1.3.101.1.4": """
            1 Strong Extranet ID
        """,
        "1.3.101": """
            110 X25519
            111 X448
            112 ED25519
            113 ED448
        """,
        "2.5.8.3": """
            100 mdc2WithRSA
            101 mdc2
        """,
        "2.16.840.1.101.3.4.2": """
            1 sha256
            2 sha384
            3 sha512
            4 sha224
            5 sha512-224
            6 sha512-256
            7 sha3-224
            8 sha3-256
            9 sha3-384
            10 sha3-512
            11 shake128
            12 shake256
            13 hmac-sha3-224
            14 hmac-sha3-256
            15 hmac-sha3-384
            16 hmac-sha3-512
        """,
        "2.16.840.1.101.3.4.3": """
            1 dsa_with_SHA224
            2 dsa_with_SHA256
            3 dsa_with_SHA384
            4 dsa_with_SHA512
            5 dsa_with_SHA3-224
            6 dsa_with_SHA3-256
            7 dsa_with_SHA3-384
            8 dsa_with_SHA3-512
            9 ecdsa_with_SHA3-224
            10 ecdsa_with_SHA3-256
            11 ecdsa_with_SHA3-384
            12 ecdsa_with_SHA3-512
            13 RSA-SHA3-224
            14 RSA-SHA3-256
            15 RSA-SHA3-384
            16 RSA-SHA3-512
        """,
        "1.2.840.113549.1.3": """
            1 dhKeyAgreement
        """,
        "1.2.840.113549.1.5": """
            1 pbeWithMD2AndDES-CBC
            3 pbeWithMD5AndDES-CBC
            4 pbeWithMD2AndRC2-CBC
            6 pbeWithMD5AndRC2-CBC
            10 pbeWithSHA1AndDES-CBC
            11 pbeWithSHA1AndRC2-CBC
            12 PBKDF2
            13 PBES2
            14 PBMAC1
        """,
        "1.2.840.113549.1.7": """
            1 pkcs7-data
            2 pkcs7-signedData
            3 pkcs7-envelopedData
            4 pkcs7-signedAndEnvelopedData
            5 pkcs7-digestData
            6 pkcs7-encryptedData
        """,
        "1.2.840.113549.1.9": """
            1 emailAddress
            2 unstructuredName
            3 contentType
            4 messageDigest
            5 signingTime
            6 countersignature
            7 challengePassword
            8 unstructuredAddress
            9 extendedCertificateAttributes
            14 Extension Request
            15 S/MIME Capabilities
            16 S/MIME
            20 friendlyName
            21 localKeyID
        """,
        "1.2.840.113549.1.12.1": """
            1 pbeWithSHA1And128BitRC4
            2 pbeWithSHA1And40BitRC4
            3 pbeWithSHA1And3-KeyTripleDES-CBC
            4 pbeWithSHA1And2-KeyTripleDES-CBC
            5 pbeWithSHA1And128BitRC2-CBC
            6 pbeWithSHA1And40BitRC2-CBC
        """,
        "2.16.840.1.101.3.4.1": """
            1 aes-128-ecb
            2 aes-128-cbc
            3 aes-128-ofb
            4 aes-128-cfb
            5 id-aes128-wrap
            6 aes-128-gcm
            7 aes-128-ccm
            8 id-aes128-wrap-pad
            21 aes-192-ecb
            22 aes-192-cbc
            23 aes-192-ofb
            24 aes-192-cfb
            25 id-aes192-wrap
            26 aes-192-gcm
            27 aes-192-ccm
            28 id-aes192-wrap-pad
            41 aes-256-ecb
            42 aes-256-cbc
            43 aes-256-ofb
            44 aes-256-cfb
            45 id-aes256-wrap
            46 aes-256-gcm
            47 aes-256-ccm
            48 id-aes256-wrap-pad
        """,
        "1.2.840.113549.3": """
            2 rc2-cbc
            4 rc4
            7 des-ede3-cbc
            8 rc5-cbc
            10 des-cdmf
        """,
        "1.2.840.10045.2": """
            1 id-ecPublicKey
        """,
    }
)
"""Algorithms, and what a broken file makes of their identifiers."""
