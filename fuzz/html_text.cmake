mox_fuzz(html_text USES mime)
