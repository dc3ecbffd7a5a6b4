// Posts the answer to the service; without script, the button does.
document.forms[0].submit();
