"""What messages say: from rows of notices and news to Chinese sentences, and to the bytes of a letter or a post.

Runs when a message is packed, at each try anew until it was first handed over. Reads values and templates; it opens no
channel and no database. compose.py and contents.py are the way in, wording.py and the templates the words.
"""
